using Spectre.Console;

namespace Kixo.Local;

/// <summary>Shows the app's counters until cancelled: one line that changes; where there is no terminal, a line when they have changed.</summary>
internal static class StatusLine
{
    private static readonly TimeSpan Interval = TimeSpan.FromSeconds(1);

    public static async Task ShowAsync(AppProcess app, IAnsiConsole console, TimeProvider time, CancellationToken cancellationToken)
    {
        try
        {
            if (console.Profile.Capabilities.Interactive)
            {
                await console.Status().Spinner(Spinner.Known.Dots).StartAsync(
                    "…", context => PollAsync(app, text => context.Status(text), time, cancellationToken));
            }
            else
            {
                await PollAsync(app, console.WriteLine, time, cancellationToken);
            }
        }
        catch (OperationCanceledException)
        {
            // Asked to stop.
        }
    }

    private static async Task PollAsync(AppProcess app, Action<string> show, TimeProvider time, CancellationToken cancellationToken)
    {
        var shown = "";
        while (true)
        {
            try
            {
                var text = Counters.Parse(await app.CountersAsync(cancellationToken)).ToString();
                if (text != shown)
                {
                    show(shown = text);
                }
            }
            catch (Exception e) when (e is HttpRequestException or OperationCanceledException && !cancellationToken.IsCancellationRequested)
            {
                // It is slow just now, or dead, which is noticed elsewhere.
            }

            await Task.Delay(Interval, time, cancellationToken);
        }
    }
}
