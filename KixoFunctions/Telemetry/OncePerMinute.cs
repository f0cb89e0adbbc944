namespace Kixo.Telemetry;

/// <summary>
/// Says when it is time to log something again that can happen with every request: metrics count each one, and logs that are
/// paid for by size end for the day when an outage fills them. Any number of threads may ask.
/// </summary>
internal sealed class OncePerMinute(TimeProvider time)
{
    private static readonly TimeSpan Interval = TimeSpan.FromMinutes(1);

    private readonly Lock _gate = new();
    private long? _last;

    /// <summary>Whether it is time; then it is not again for a minute.</summary>
    public bool IsDue()
    {
        lock (_gate)
        {
            if (_last is long last && time.GetElapsedTime(last) < Interval)
            {
                return false;
            }

            _last = time.GetTimestamp();
            return true;
        }
    }
}
