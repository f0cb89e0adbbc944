using Spectre.Console;

namespace Kixo.Cli.Load;

/// <summary>Shows how a load goes while it runs: one line that changes; where there is no terminal, a line now and then.</summary>
internal sealed class LoadProgress(IAnsiConsole console, TimeProvider time)
{
    private static readonly TimeSpan Interval = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan LineInterval = TimeSpan.FromSeconds(10);

    public async Task<T> RunAsync<T>(Func<Action<string>, Task<T>> work) => console.Profile.Capabilities.Interactive
        ? await console.Status().Spinner(Spinner.Known.Dots).StartAsync("…", context => work(text => context.Status(Markup.Escape(text))))
        : await work(console.WriteLine);

    public async Task ShowAsync(LoadTotals totals, LoadOptions options, Action<string> report, CancellationToken cancellationToken)
    {
        var interval = console.Profile.Capabilities.Interactive ? Interval : LineInterval;
        var start = time.GetTimestamp();
        var before = 0;
        using var timer = new PeriodicTimer(interval, time);
        while (await timer.WaitForNextTickAsync(cancellationToken))
        {
            var accepted = totals.Accepted;
            var rate = (accepted - before) / interval.TotalSeconds;
            before = accepted;
            report(
                $"{time.GetElapsedTime(start).TotalSeconds:0} of {options.Duration.TotalSeconds:0} s: {accepted:N0} accepted, {totals.Throttled:N0} throttled, {totals.Failed:N0} failed, {totals.InFlight:N0} under way; {rate:N0} requests/s, {rate * options.Events:N0} events/s");
        }
    }
}
