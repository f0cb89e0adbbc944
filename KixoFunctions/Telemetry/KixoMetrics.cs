using System.Diagnostics.Metrics;

namespace Kixo.Telemetry;

/// <summary>Every metric of the app, in meter <see cref="MeterName"/>. Tags never hold a key, a device or a property.</summary>
internal sealed class KixoMetrics
{
    public const string MeterName = "Kixo";

    private readonly Counter<long> _requests;
    private readonly Counter<long> _accepted;
    private readonly Counter<long> _rejected;
    private readonly Counter<long> _persisted;
    private readonly Counter<long> _repeated;
    private readonly Counter<long> _deadLetters;
    private readonly Counter<long> _counterFailures;
    private readonly Histogram<double> _lag;

    public KixoMetrics(IMeterFactory meters)
    {
        var meter = meters.Create(MeterName);
        _requests = meter.CreateCounter<long>("kixo.requests", "{request}", "Batches answered, by outcome: ok, or the code of the error.");
        _accepted = meter.CreateCounter<long>("kixo.events.accepted", "{event}", "Events that Event Hubs has acknowledged.");
        _rejected = meter.CreateCounter<long>("kixo.events.rejected", "{event}", "Events of accepted batches that were invalid.");
        _persisted = meter.CreateCounter<long>("kixo.events.persisted", "{event}", "Events appended to the event lake.");
        _repeated = meter.CreateCounter<long>("kixo.messages.repeated", "{message}", "Messages delivered again that were in the lake already.");
        _counterFailures = meter.CreateCounter<long>("kixo.counter.failures", "{lease}", "Leases of permits that the rate counter did not answer, or not in time.");
        _lag = meter.CreateHistogram(
            "kixo.lake.lag", "s", "From the receipt of a message's events to the end of the append that found or put them in the event lake.",
            advice: new InstrumentAdvice<double> { HistogramBucketBoundaries = [0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 300, 1800] });
        _deadLetters = meter.CreateCounter<long>("kixo.messages.dead_lettered", "{message}", "Messages that could not be read.");
    }

    /// <param name="outcome"><c>ok</c> or the error's code.</param>
    public void Answered(string outcome) => _requests.Add(1, new KeyValuePair<string, object?>("outcome", outcome));

    public void Accepted(int events, int rejected)
    {
        _accepted.Add(events);
        if (rejected > 0)
        {
            _rejected.Add(rejected);
        }
    }

    public void Persisted(long events, int repeatedMessages)
    {
        _persisted.Add(events);
        if (repeatedMessages > 0)
        {
            _repeated.Add(repeatedMessages);
        }
    }

    /// <param name="lag">From the receipt of a message's events until now, when they are in the lake.</param>
    public void Stored(TimeSpan lag) => _lag.Record(Math.Max(0, lag.TotalSeconds));

    public void CounterFailed() => _counterFailures.Add(1);

    public void DeadLettered() => _deadLetters.Add(1);
}
