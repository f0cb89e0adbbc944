using Spectre.Console;

namespace Kixo.Local;

/// <summary>Shows the counters of all instances together until cancelled: one line that changes; where there is no terminal, a line when they have changed.</summary>
internal static class StatusLine
{
    private static readonly TimeSpan Interval = TimeSpan.FromSeconds(1);

    public static async Task ShowAsync(IReadOnlyList<AppProcess> apps, IAnsiConsole console, TimeProvider time, CancellationToken cancellationToken)
    {
        try
        {
            if (console.Profile.Capabilities.Interactive)
            {
                await console.Status().Spinner(Spinner.Known.Dots).StartAsync(
                    "…", context => PollAsync(apps, text => context.Status(text), time, cancellationToken));
            }
            else
            {
                await PollAsync(apps, console.WriteLine, time, cancellationToken);
            }
        }
        catch (OperationCanceledException)
        {
            // Asked to stop.
        }
    }

    private static async Task PollAsync(IReadOnlyList<AppProcess> apps, Action<string> show, TimeProvider time, CancellationToken cancellationToken)
    {
        var shown = "";
        while (true)
        {
            try
            {
                var counters = await Task.WhenAll(apps.Select(app => app.CountersAsync(cancellationToken)));
                var text = counters.Select(Counters.Parse).Aggregate((sum, one) => sum + one).ToString();
                if (text != shown)
                {
                    show(shown = text);
                }
            }
            catch (Exception e) when (e is HttpRequestException or OperationCanceledException && !cancellationToken.IsCancellationRequested)
            {
                // One is slow just now, or dead, which is noticed elsewhere.
            }

            await Task.Delay(Interval, time, cancellationToken);
        }
    }
}
