using Kixo.Tests.Support;
using Xunit.Abstractions;

namespace Kixo.Tests.Chaos;

/// <summary>
/// The promise, under fire: what was answered 200 is in the event lake, and no hub message is there twice, whatever is killed, frozen,
/// cut off, late, or done without anyone being told. docs/durability.md says how to run it longer.
/// </summary>
[Collection(nameof(RunsAlone))]
[Trait("Category", ChaosOptions.Category)]
public sealed class ChaosTests(ITestOutputHelper output)
{
    private const int Instances = 2;

    [Fact]
    public async Task Nothing_acknowledged_is_lost_and_no_hub_message_is_appended_twice()
    {
        var random = new Random(ChaosOptions.Seed);
        await using var stack = await ChaosStack.StartAsync(Instances);
        using var load = await Load.StartAsync(stack, random);

        await new Mishaps(stack, random).RunAsync(ChaosOptions.Duration);

        await load.StopAsync();
        var audit = await Audit.OfAsync(stack, load.Ledger);
        ChaosReport.Write(output, "Chaos", [.. Figures.Of(stack), .. Figures.Of(load.Ledger), .. Figures.Of(audit)]);
        if (!audit.IsClean)
        {
            ChaosReport.Keep(stack.Logs);
        }

        Assert.True(audit.IsClean, $"Seed {ChaosOptions.Seed}: {audit}");
        Assert.NotEmpty(load.Ledger.Acknowledged);
    }
}
