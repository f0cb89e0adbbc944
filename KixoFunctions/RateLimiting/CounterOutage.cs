using Kixo.Telemetry;
using Microsoft.Extensions.Logging;

namespace Kixo.RateLimiting;

/// <summary>Says that the counters do not answer: each time as a metric, once a minute in the log. Shared by all projects.</summary>
internal sealed class CounterOutage(TimeProvider time, KixoMetrics metrics, ILogger<CounterOutage> log)
{
    private static readonly TimeSpan LogInterval = TimeSpan.FromMinutes(1);

    private readonly Lock _gate = new();
    private long? _logged;

    /// <param name="permits">Permits that were granted by the local limit instead.</param>
    public void Report(Exception exception, string projectId, int permits)
    {
        metrics.GrantedLocally(permits);
        lock (_gate)
        {
            if (_logged is long logged && time.GetElapsedTime(logged) < LogInterval)
            {
                return;
            }

            _logged = time.GetTimestamp();
        }

        log.CounterUnavailable(exception, projectId);
    }
}
