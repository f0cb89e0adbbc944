using HdrHistogram;
using Spectre.Console;
using Spectre.Console.Rendering;

namespace Kixo.Cli.Load;

/// <summary>What a load has come to.</summary>
/// <param name="Planned">Requests that were to be sent.</param>
/// <param name="Sent">Requests that were: fewer where all connections were busy, or where it was ended early.</param>
/// <param name="Accepted">Requests answered 200 for all their events.</param>
/// <param name="Throttled">Requests answered 429.</param>
/// <param name="Failed">Requests with another answer or none; <paramref name="Failures"/> says which.</param>
/// <param name="RequestsPerSecond">Accepted ones.</param>
/// <param name="EventsPerSecond">Accepted ones.</param>
/// <param name="LatencyMs">Of accepted requests, from when each was to be sent.</param>
/// <param name="Lake">Null when it was not asked for.</param>
internal sealed record LoadReport(
    double Seconds, int Planned, int Sent, int Accepted, int Throttled, int Failed, IReadOnlyDictionary<string, int> Failures,
    double RequestsPerSecond, double EventsPerSecond, Percentiles LatencyMs, StoredReport? Lake)
{
    private const double MicrosecondsPerMillisecond = 1_000;

    public static LoadReport Of(LoadTotals totals, LoadOptions options, TimeSpan elapsed, StoredReport? lake) => new(
        Math.Round(elapsed.TotalSeconds, 1), totals.Requests, totals.Sent, totals.Accepted, totals.Throttled, totals.Failed, totals.Failures,
        Math.Round(totals.Accepted / elapsed.TotalSeconds, 1), Math.Round(totals.Accepted * options.Events / elapsed.TotalSeconds),
        Percentiles.Of(totals.Latencies, MicrosecondsPerMillisecond), lake);

    public IRenderable View()
    {
        var table = new Table().AddColumns("", "").HideHeaders();
        Row("sent", Sent == Planned ? $"{Sent:N0} requests in {Seconds:N1} s" : $"{Sent:N0} of {Planned:N0} requests in {Seconds:N1} s");
        Row("accepted", $"{Accepted:N0}");
        Row("throttled", $"{Throttled:N0}");
        Row("failed", Failed == 0 ? "0" : $"{Failed:N0}: {string.Join(", ", Failures.Select(failure => $"{failure.Key} ({failure.Value:N0})"))}");
        Row("requests/s", $"{RequestsPerSecond:N1}");
        Row("events/s", $"{EventsPerSecond:N0}");
        Row("latency", LatencyMs.View("ms"));
        if (Lake is not null)
        {
            Row("in the lake", Lake.View());
            Row("lake's delay", Lake.DelaySeconds.View("s"));
            Row("lag at the end", $"{Lake.LagSeconds:0.#} s");
        }

        return table;

        void Row(string name, string value) => table.AddRow(new Text(name), new Text(value));
    }
}

/// <summary>What the lake holds of a load's acknowledged events.</summary>
/// <param name="Stored">Acknowledged events that are there.</param>
/// <param name="Missing">Acknowledged events that are not.</param>
/// <param name="Repeated">Events that are there again, as often as they are.</param>
/// <param name="Unacknowledged">Events that are there though their answer was lost, or no 200.</param>
/// <param name="DelaySeconds">From an event's acknowledgement to the listing that showed it: at most this late.</param>
/// <param name="LagSeconds">From the last acknowledgement to the listing that showed the last event.</param>
internal sealed record StoredReport(long Stored, long Missing, long Repeated, long Unacknowledged, Percentiles DelaySeconds, double? LagSeconds)
{
    private const double MillisecondsPerSecond = 1_000;

    public static StoredReport Of(LakeTally tally) => new(
        tally.Stored, tally.Missing, tally.Repeated, tally.Unacknowledged, Percentiles.Of(tally.Delays, MillisecondsPerSecond),
        tally.Lag is { } lag ? Math.Round(lag.TotalSeconds, 2) : null);

    public string View() => Missing == 0 && Repeated == 0
        ? $"{Stored:N0} events: all that were acknowledged, each once{Others}"
        : $"{Stored:N0} events; {Missing:N0} acknowledged ones are missing, {Repeated:N0} are there again{Others}";

    private string Others => Unacknowledged == 0 ? "" : $"; and {Unacknowledged:N0} that were not acknowledged";
}

internal readonly record struct Percentiles(double P50, double P90, double P99, double Max)
{
    public static Percentiles Of(HistogramBase values, double divisor)
    {
        return values.TotalCount == 0 ? default : new(At(50), At(90), At(99), At(100));

        double At(double percentile) => Math.Round(values.GetValueAtPercentile(percentile) / divisor, 2);
    }

    public string View(string unit) => $"p50 {P50:0.##} {unit}, p90 {P90:0.##} {unit}, p99 {P99:0.##} {unit}, max {Max:0.##} {unit}";
}
