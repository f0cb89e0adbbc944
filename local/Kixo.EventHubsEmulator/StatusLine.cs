using System.Globalization;
using Spectre.Console;

namespace Kixo.EventHubsEmulator;

/// <summary>Shows what the emulator does, each second, until cancelled: one line that changes; nothing where there is no terminal.</summary>
internal static class StatusLine
{
    private static readonly TimeSpan Interval = TimeSpan.FromSeconds(1);

    public static async Task ShowAsync(Emulator emulator, IAnsiConsole console, TimeProvider time, CancellationToken cancellationToken)
    {
        try
        {
            if (!console.Profile.Capabilities.Interactive)
            {
                await Task.Delay(Timeout.InfiniteTimeSpan, time, cancellationToken);
            }

            await console.Status().Spinner(Spinner.Known.Dots).StartAsync("…", async line =>
            {
                for (var (before, at) = (emulator.Status, time.GetTimestamp()); ;)
                {
                    await Task.Delay(Interval, time, cancellationToken);
                    var (now, then) = (emulator.Status, at);
                    at = time.GetTimestamp();
                    line.Status(Text(before, now, time.GetElapsedTime(then, at)));
                    before = now;
                }
            });
        }
        catch (OperationCanceledException)
        {
            // Asked to stop.
        }
    }

    public static string Text(EmulatorStatus before, EmulatorStatus now, TimeSpan elapsed) => string.Create(
        CultureInfo.InvariantCulture,
        $"connections {now.Connections:N0} · in {(now.EventsIn - before.EventsIn) / elapsed.TotalSeconds:N0}/s · out {(now.EventsOut - before.EventsOut) / elapsed.TotalSeconds:N0}/s · stored {now.Stored:N0} ({now.StoredBytes / 1048576.0:N0} MB)");
}
