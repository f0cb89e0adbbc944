namespace Kixo.Tests.Chaos;

/// <summary>What a run's report says, by name.</summary>
internal static class Figures
{
    public static IEnumerable<(string Name, object Value)> Of(ChaosStack stack)
    {
        var kinds = stack.Parts.GroupBy(part => part.Kind).ToList();
        var faults = stack.Apps.SelectMany(app => app.Proxies).SelectMany(proxy => proxy.Weather.Count).GroupBy(fault => fault.Key, fault => fault.Value);
        return
        [
            ("seed", $"{ChaosOptions.Seed}"),
            ("seconds of faults", (int)ChaosOptions.Duration.TotalSeconds),
            ("killed", Listed(kinds.Select(kind => (kind.Key, kind.Sum(part => part.Kills))))),
            ("frozen", Listed(kinds.Select(kind => (kind.Key, kind.Sum(part => part.Freezes))))),
            ("faults on connections", Listed(faults.OrderBy(fault => fault.Key).Select(fault => ($"{fault.Key}", fault.Sum())))),
            ("commits that lost a race", stack.LostRaces()),
        ];
    }

    public static IEnumerable<(string Name, object Value)> Of(Ledger ledger) =>
    [
        ("requests", ledger.Requests),
        ("answers", Listed(ledger.Answers.OrderBy(answer => answer.Key, StringComparer.Ordinal).Select(answer => (answer.Key, answer.Value)))),
        ("batches acknowledged", ledger.Acknowledged.Count),
        ("batches given up", ledger.GivenUp.Count),
        ("events acknowledged", ledger.Events),
    ];

    public static IEnumerable<(string Name, object Value)> Of(Audit audit) =>
    [
        ("events lost", audit.Lost),
        ("hub messages", audit.HubMessages),
        ("appended twice", audit.AppendedTwice),
        ("missing", audit.Missing),
        ("lines in the lake", audit.Lines),
        ("blobs", audit.Blobs),
        ("lines of no message", audit.Foreign),
        ("duplicates from clients that sent again", audit.Duplicates),
        ("other findings of kixo verify", audit.Defects),
        ("events without an id of their own", audit.AmbiguousIds),
        ("seconds until all was stored and checked", (int)audit.Drained.TotalSeconds),
    ];

    private static string Listed(IEnumerable<(string Name, int Count)> counts) => string.Join(", ", counts.Where(it => it.Count > 0).Select(it => $"{it.Name} {it.Count}"));
}
