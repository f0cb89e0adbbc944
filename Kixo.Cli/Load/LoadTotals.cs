using System.Collections.Concurrent;
using HdrHistogram;

namespace Kixo.Cli.Load;

/// <summary>What has become of a load's requests so far; any thread.</summary>
internal sealed class LoadTotals(int requests)
{
    private const int SignificantDigits = 3;

    private static readonly long LongestMicroseconds = (long)TimeSpan.FromHours(1).TotalMicroseconds;

    private readonly ConcurrentDictionary<string, int> _failures = new();
    private readonly LongConcurrentHistogram _latencies = new(1, LongestMicroseconds, SignificantDigits);

    // By request: the clock's timestamp of its acknowledgement, or 0.
    private readonly long[] _acknowledgedAt = new long[requests];

    private int _sent;
    private int _answered;
    private int _accepted;
    private int _throttled;
    private int _failed;

    public int Sent => Volatile.Read(ref _sent);

    public int InFlight => Sent - Volatile.Read(ref _answered);

    /// <summary>Requests whose every event was acknowledged.</summary>
    public int Accepted => Volatile.Read(ref _accepted);

    public int Throttled => Volatile.Read(ref _throttled);

    public int Failed => Volatile.Read(ref _failed);

    /// <summary>How many failed, by reason.</summary>
    public IReadOnlyDictionary<string, int> Failures => _failures;

    /// <summary>Microseconds from when an accepted request was to be sent to its answer: one that had to wait here counts its wait.</summary>
    public HistogramBase Latencies => _latencies;

    public int Requests => _acknowledgedAt.Length;

    /// <summary>The clock's timestamp, or 0 for a request that was not acknowledged.</summary>
    public long AcknowledgedAt(int request) => _acknowledgedAt[request];

    public long LastAcknowledgedAt => _acknowledgedAt.Max();

    public void Send() => Interlocked.Increment(ref _sent);

    public void Accept(int request, long timestamp, TimeSpan latency)
    {
        _acknowledgedAt[request] = timestamp;
        _latencies.RecordValue(Math.Clamp((long)latency.TotalMicroseconds, 1, LongestMicroseconds));
        Answer(ref _accepted);
    }

    public void Throttle() => Answer(ref _throttled);

    public void Fail(string reason)
    {
        _failures.AddOrUpdate(reason, 1, (_, count) => count + 1);
        Answer(ref _failed);
    }

    private void Answer(ref int counter)
    {
        Interlocked.Increment(ref counter);
        Interlocked.Increment(ref _answered);
    }
}
