using Azure.Storage.Blobs;

namespace Kixo.Cli.Load;

/// <summary>A load from its start to its report.</summary>
/// <param name="lake">Where to look for what was acknowledged; null for nowhere.</param>
internal sealed class LoadTest(
    LoadOptions options, string run, IReadOnlyList<Sender> senders, BlobContainerClient? lake, LoadProgress progress, TimeProvider time)
{
    /// <param name="stop">Ends it early, with what there is by then.</param>
    public Task<LoadReport> RunAsync(CancellationToken stop) => progress.RunAsync(report => RunAsync(report, stop));

    private async Task<LoadReport> RunAsync(Action<string> report, CancellationToken stop)
    {
        report("Making the events …");
        var bodies = new BatchBodies(options, run, time.GetUtcNow().UtcDateTime);
        var totals = new LoadTotals(options.Requests);
        using var handler = new SocketsHttpHandler { MaxConnectionsPerServer = options.InFlight };
        using var client = new HttpClient(handler) { Timeout = options.Timeout };
        var generator = new LoadGenerator(options, senders, bodies, client, totals, time);

        using var sent = new CancellationTokenSource();
        using var verified = new CancellationTokenSource();
        using var watch = lake is null ? null : new LakeWatch(lake, [.. senders.Select(sender => sender.ProjectId).Distinct()], options.Environment, time);
        await (watch?.StartAsync(stop) ?? Task.CompletedTask);
        var watching = watch?.RunAsync(verified.Token) ?? Task.CompletedTask;
        var showing = progress.ShowAsync(totals, options, report, sent.Token);

        var elapsed = await generator.RunAsync(stop);
        await sent.CancelAsync();
        var stored = watch is null ? null : await VerifyAsync(watch, totals, report, stop);
        await verified.CancelAsync();
        await Task.WhenAll(watching, showing).ContinueWith(_ => { }, CancellationToken.None, TaskContinuationOptions.None, TaskScheduler.Default);
        return LoadReport.Of(totals, options, elapsed, stored);
    }

    private async Task<StoredReport?> VerifyAsync(LakeWatch watch, LoadTotals totals, Action<string> report, CancellationToken stop)
    {
        var tally = new LakeTally(lake!, totals, options.Events, run, time);
        try
        {
            await new LoadVerifier(watch, tally, time).RunAsync(report, stop);
            return StoredReport.Of(tally);
        }
        catch (OperationCanceledException) when (stop.IsCancellationRequested)
        {
            return null;
        }
    }
}
