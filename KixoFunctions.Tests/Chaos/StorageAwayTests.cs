using Kixo.Tests.Support;
using Xunit.Abstractions;

namespace Kixo.Tests.Chaos;

/// <summary>Storage is gone for a while, and clients go on as if nothing had happened: the events wait in the hub, not in the app.</summary>
[Collection(nameof(RunsAlone))]
[Trait("Category", ChaosOptions.Category)]
public sealed class StorageAwayTests(ITestOutputHelper output)
{
    /// <summary>Over three times what it needs. What it would reach if it kept everything, it reaches in a long outage only: KIXO_OUTAGE_SECONDS.</summary>
    private const long MemoryLimit = 512 << 20;

    private const int WarmUp = 100;

    [Fact]
    public async Task Storage_away_under_load_loses_nothing_and_fills_no_memory()
    {
        await using var stack = await ChaosStack.StartAsync(instances: 1);
        using var load = await Load.StartAsync(stack, new Random(ChaosOptions.Seed));
        var app = stack.Apps[0].App;
        await TestStack.EventuallyAsync(() => Task.FromResult(load.Ledger.Acknowledged.Count >= WarmUp), () => "the first batches");

        var (before, acknowledged, most) = (app.Memory, load.Ledger.Events, 0L);
        var away = stack.Storage.KillAsync(ChaosOptions.Outage);
        while (!away.IsCompleted)
        {
            most = Math.Max(most, app.Memory);
            await Task.Delay(TimeSpan.FromSeconds(0.5), TimeProvider.System, CancellationToken.None);
        }

        await away;
        var meanwhile = load.Ledger.Events - acknowledged;
        await load.StopAsync();
        await new HubContent(stack.HubDirectly, stack.StorageDirectly).DrainedAsync();
        var audit = await Audit.OfAsync(stack, load.Ledger);

        ChaosReport.Write(output, "Storage away",
        [
            ("seconds away", (int)ChaosOptions.Outage.TotalSeconds),
            ("events acknowledged meanwhile", meanwhile),
            ("MiB of memory before", before >> 20),
            ("MiB of memory at most", most >> 20),
            ("MiB of memory after", app.Memory >> 20),
            .. Figures.Of(load.Ledger),
            .. Figures.Of(audit),
        ]);
        if (!audit.IsClean)
        {
            ChaosReport.Keep(stack.Logs);
        }

        Assert.True(audit.IsClean, $"Seed {ChaosOptions.Seed}: {audit}");
        Assert.True(meanwhile > 0, "Nothing was acknowledged while storage was away.");
        Assert.InRange(most, 1, MemoryLimit);
    }
}
