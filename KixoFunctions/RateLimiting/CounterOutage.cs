using Kixo.Telemetry;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace Kixo.RateLimiting;

/// <summary>
/// Whether the counters are away: nothing but failures for a while, of any project's. A single answer that is lost or late says
/// nothing, and must not open a second limit beside the counter's. Says so in the log, once a minute. Shared by all projects.
/// </summary>
internal sealed class CounterOutage(TimeProvider time, IOptions<RateLimitOptions> options, KixoMetrics metrics, ILogger<CounterOutage> log)
{
    // Where hardly anybody asks, a few lost answers in a row can be seconds apart.
    private const int FewestFailures = 3;

    private readonly Lock _gate = new();
    private readonly OncePerMinute _logging = new(time);
    private long? _failingSince;
    private int _failures;

    /// <summary>A counter has answered: they are there.</summary>
    public void Answered()
    {
        lock (_gate)
        {
            (_failingSince, _failures) = (null, 0);
        }
    }

    /// <summary>A counter has not answered.</summary>
    /// <returns>Whether they are away, so that the instance's local limit decides.</returns>
    public bool Failed(Exception exception, string projectId)
    {
        metrics.CounterFailed();
        lock (_gate)
        {
            _failingSince ??= time.GetTimestamp();
            _failures++;
            if (_failures < FewestFailures || time.GetElapsedTime(_failingSince.Value) < options.Value.OutageAfter)
            {
                return false;
            }

            if (_logging.IsDue())
            {
                log.CounterUnavailable(exception, projectId);
            }

            return true;
        }
    }
}
