using System.Collections.Concurrent;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace Kixo.RateLimiting;

/// <summary>Permits by project: never more a UTC second than the project's limit, over all instances that share the counters.</summary>
internal sealed class RequestLimiter(CounterStore store, IOptions<RateLimitOptions> options, TimeProvider time, ILogger<RequestLimiter> log)
{
    private readonly ConcurrentDictionary<string, ProjectLimiter> _limiters = new(StringComparer.Ordinal);

    /// <param name="projectId">A project that exists: each one known takes memory.</param>
    /// <param name="requestsPerSecond">The project's own limit, or null for the setting.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    public Task<Permit> AcquireAsync(string projectId, int? requestsPerSecond, CancellationToken cancellationToken)
    {
        var limiter = _limiters.GetOrAdd(projectId, id => new ProjectLimiter(id, store, options.Value, time, log));
        return limiter.AcquireAsync(requestsPerSecond ?? options.Value.RequestsPerSecond, cancellationToken);
    }
}
