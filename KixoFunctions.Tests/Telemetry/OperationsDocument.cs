using Kixo.Tests.Contract;

namespace Kixo.Tests.Telemetry;

/// <summary>The tables of docs/operations.md.</summary>
internal static class OperationsDocument
{
    /// <summary>The metrics that are documented, by name.</summary>
    public static IReadOnlyDictionary<string, (string Kind, string Unit, string[] Tags)> Metrics { get; } = Rows("## Metrics")
        .ToDictionary(row => Code(row[0]).Single(), row => (row[1], Code(row[2]).Single(), row[3].Split(':')[0] is var tag ? Code(tag).ToArray() : []));

    /// <summary>The alerts that are documented.</summary>
    public static IReadOnlyList<string> Alerts { get; } = [.. Rows("## Alerts").Select(row => Code(row[0]).Single())];

    private static IEnumerable<string[]> Rows(string heading) => ApiDocument.TextOf("operations.md").Split('\n')
        .SkipWhile(line => line != heading).Skip(1).TakeWhile(line => !line.StartsWith("## ", StringComparison.Ordinal))
        .Where(line => line.StartsWith("| `", StringComparison.Ordinal))
        .Select(line => line.Trim('|', ' ').Split('|', StringSplitOptions.TrimEntries));

    private static IEnumerable<string> Code(string cell) => cell.Split('`').Where((_, i) => i % 2 == 1);
}
