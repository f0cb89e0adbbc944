using System.Net;
using Kixo.Cli.Load;
using Kixo.Persistence;
using Kixo.Tests.Support;
using Spectre.Console;

namespace Kixo.Tests.EndToEnd;

public sealed class LoadTests(TestStack stack) : IClassFixture<TestStack>
{
    private const string Run = "LoAd01";

    [Fact]
    public async Task A_load_finds_every_event_that_was_acknowledged_in_the_lake_once()
    {
        await stack.PostUntilAsync(HttpStatusCode.OK, Some.Body()); // the load gets no second chance, and an app that has just begun may need one
        var time = TimeProvider.System;
        var options = new LoadOptions(
            [stack.Client.BaseAddress!], Rate: 20, Events: 50, TimeSpan.FromSeconds(2), InFlight: 16, LoadCompression.Zstd, "staging", TimeSpan.FromMinutes(1));
        var senders = await SenderSource.CreateAsync(stack.Tables, Run, count: 2, options.Duration, time, CancellationToken.None);
        var progress = new LoadProgress(AnsiConsole.Create(new AnsiConsoleSettings { Out = new AnsiConsoleOutput(TextWriter.Null) }), time);

        var report = await new LoadTest(options, Run, senders, stack.Blobs.GetBlobContainerClient(LakePath.Container), progress, time)
            .RunAsync(CancellationToken.None);

        Assert.Equal((0, 0), (report.Throttled, report.Failed));
        Assert.InRange(report.Accepted, 1, 40); // a slow machine sends less
        Assert.Equal((report.Accepted * 50, 0, 0, 0), (report.Lake!.Stored, report.Lake.Missing, report.Lake.Repeated, report.Lake.Unacknowledged));
        Assert.All(senders, sender => Assert.StartsWith($"kx_load_{Run}_", sender.ProjectId, StringComparison.Ordinal));
    }
}
