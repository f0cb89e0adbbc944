using Azure;

namespace Kixo.Cli.Load;

/// <summary>Waits until the lake holds every acknowledged event, or until nothing has come for long.</summary>
internal sealed class LoadVerifier(LakeWatch watch, LakeTally tally, TimeProvider time)
{
    // The lake is read in a lull, so that reading it does not slow down what is still on its way.
    private static readonly TimeSpan Lull = TimeSpan.FromSeconds(3);
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(1);

    /// <param name="report">Told how far it is.</param>
    public async Task RunAsync(Action<string> report, CancellationToken cancellationToken)
    {
        report("Waiting until the lake holds what was acknowledged …");
        var start = time.GetTimestamp();
        while (tally.Missing > 0 && (watch.Quiet < Patience || time.GetElapsedTime(start) < Patience))
        {
            await Task.Delay(LakeWatch.Interval, time, cancellationToken);
            if (watch.Quiet >= Lull)
            {
                await ReadAsync(cancellationToken);
            }
        }

        if (tally.Missing > 0)
        {
            await watch.LookAsync(cancellationToken);
            await ReadAsync(cancellationToken);
        }
    }

    private async Task ReadAsync(CancellationToken cancellationToken)
    {
        foreach (var piece in watch.Take())
        {
            try
            {
                await tally.ReadAsync(piece, cancellationToken);
            }
            catch (Exception e) when (e is RequestFailedException or AggregateException or IOException)
            {
                watch.PutBack(piece);
                return; // the next call may have more luck
            }
        }
    }
}
