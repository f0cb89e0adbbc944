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
        while (tally.Missing > 0 && watch.Quiet < Patience)
        {
            await Task.Delay(LakeWatch.Interval, time, cancellationToken);
            if (watch.Quiet >= Lull)
            {
                foreach (var piece in watch.Take())
                {
                    await tally.ReadAsync(piece, cancellationToken);
                }
            }
        }
    }
}
