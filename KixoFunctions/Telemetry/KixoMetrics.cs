using System.Diagnostics.Metrics;

namespace Kixo.Telemetry;

/// <summary>
/// Every metric of the app, in meter <see cref="MeterName"/>; docs/operations.md has the same table. Tags have few values each:
/// never a key, a device or a property, and no project, of which there are too many to pay for.
/// </summary>
internal sealed class KixoMetrics
{
    public const string MeterName = "Kixo";

    private static readonly InstrumentAdvice<double> RequestSeconds = Buckets(0.0001, 0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 10.0);
    private static readonly InstrumentAdvice<double> LagSeconds = Buckets(0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 300, 1800.0);
    private static readonly InstrumentAdvice<long> Counts = Buckets<long>(1, 5, 10, 25, 50, 100, 250, 500, 1000);
    private static readonly InstrumentAdvice<long> Bytes = Buckets<long>(1 << 10, 1 << 12, 1 << 14, 1 << 16, 1 << 18, 1 << 20, 1 << 22, 1 << 24);

    private readonly Counter<long> _requests;
    private readonly Histogram<double> _stages;
    private readonly Histogram<long> _batchEvents;
    private readonly Histogram<long> _batchBytes;
    private readonly Counter<long> _keyLookups;
    private readonly Counter<long> _permitsLeased;
    private readonly Counter<long> _permitsRefused;
    private readonly Counter<long> _counterFailures;
    private readonly Counter<long> _accepted;
    private readonly Counter<long> _rejected;
    private readonly Histogram<double> _publish;
    private readonly Counter<long> _persisted;
    private readonly Histogram<long> _flushBytes;
    private readonly Histogram<double> _lag;
    private readonly Counter<long> _repeated;
    private readonly Counter<long> _deadLetters;

    public KixoMetrics(IMeterFactory meters)
    {
        var meter = meters.Create(MeterName);

        _requests = meter.CreateCounter<long>("kixo.requests", "{request}", "Batches answered.");
        _stages = meter.CreateHistogram("kixo.stage.duration", "s", "What one stage of a request took.", advice: RequestSeconds);
        _batchEvents = meter.CreateHistogram("kixo.batch.events", "{event}", "Events of a batch whose key and permit were good.", advice: Counts);
        _batchBytes = meter.CreateHistogram("kixo.batch.size", "By", "Bytes of such a batch, decompressed.", advice: Bytes);
        _keyLookups = meter.CreateCounter<long>("kixo.key.lookups", "{lookup}", "Lookups of a project or a key.");
        _permitsLeased = meter.CreateCounter<long>("kixo.permits.leased", "{permit}", "Permits an instance took to spend within the second.");
        _permitsRefused = meter.CreateCounter<long>("kixo.permits.refused", "{permit}", "Permits that were asked for and not granted.");
        _counterFailures = meter.CreateCounter<long>("kixo.counter.failures", "{lease}", "Leases of permits that the rate counter did not answer, or not in time.");
        _accepted = meter.CreateCounter<long>("kixo.events.accepted", "{event}", "Events that Event Hubs has acknowledged.");
        _rejected = meter.CreateCounter<long>("kixo.events.rejected", "{event}", "Events of accepted batches that were invalid.");
        _publish = meter.CreateHistogram("kixo.publish.duration", "s", "From the sending of one message to the hub's acknowledgement.", advice: RequestSeconds);
        _persisted = meter.CreateCounter<long>("kixo.events.persisted", "{event}", "Events appended to the event lake.");
        _flushBytes = meter.CreateHistogram("kixo.lake.flush.size", "By", "Compressed bytes of the messages that one append was given.", advice: Bytes);
        _lag = meter.CreateHistogram("kixo.lake.lag", "s", "From the receipt of a message's events to the end of an append that was given them; one that failed is tried again, and counts again.", advice: LagSeconds);
        _repeated = meter.CreateCounter<long>("kixo.messages.repeated", "{message}", "Messages delivered again that were in the lake already.");
        _deadLetters = meter.CreateCounter<long>("kixo.messages.dead_lettered", "{message}", "Messages that could not be read.");
    }

    /// <param name="outcome"><c>ok</c> or the error's code.</param>
    public void Answered(string outcome) => _requests.Add(1, Tag("outcome", outcome));

    /// <param name="stage">One of <see cref="Stage"/>.</param>
    /// <param name="took">How long.</param>
    public void StageEnded(string stage, TimeSpan took) => _stages.Record(took.TotalSeconds, Tag("stage", stage));

    public void BatchSized(int events, int bytes)
    {
        _batchEvents.Record(events);
        _batchBytes.Record(bytes);
    }

    /// <param name="result"><c>hit</c>: from the cache; <c>miss</c>: from the table; <c>stale</c>: what the table last said, while it does not answer; <c>failed</c>: not at all.</param>
    public void KeyLookedUp(string result) => _keyLookups.Add(1, Tag("result", result));

    /// <param name="count">Permits.</param>
    /// <param name="source"><c>counter</c>, or <c>local</c> while that does not answer.</param>
    public void PermitsLeased(int count, string source) => _permitsLeased.Add(count, Tag("source", source));

    public void PermitRefused() => _permitsRefused.Add(1);

    public void CounterFailed() => _counterFailures.Add(1);

    public void Accepted(int events) => _accepted.Add(events);

    /// <param name="events">How many, for the same reason.</param>
    /// <param name="code">The contract's code for the reason.</param>
    public void Rejected(int events, string code) => _rejected.Add(events, Tag("code", code));

    /// <param name="took">From sending to the answer.</param>
    /// <param name="acknowledged">Whether it was an acknowledgement.</param>
    public void Published(TimeSpan took, bool acknowledged) => _publish.Record(took.TotalSeconds, Tag("outcome", acknowledged ? "ok" : "failed"));

    public void Persisted(long events, int repeatedMessages, long bytes)
    {
        _persisted.Add(events);
        _flushBytes.Record(bytes);
        if (repeatedMessages > 0)
        {
            _repeated.Add(repeatedMessages);
        }
    }

    /// <param name="lag">From the receipt of a message's events until now, when an append of them has ended, well or not.</param>
    public void Appended(TimeSpan lag) => _lag.Record(Math.Max(0, lag.TotalSeconds));

    public void DeadLettered() => _deadLetters.Add(1);

    private static KeyValuePair<string, object?> Tag(string name, string value) => new(name, value);

    private static InstrumentAdvice<T> Buckets<T>(params T[] boundaries)
        where T : struct => new() { HistogramBucketBoundaries = boundaries };
}
