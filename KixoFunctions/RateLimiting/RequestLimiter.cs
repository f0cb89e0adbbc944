using System.Threading.RateLimiting;
using Kixo.Telemetry;
using Microsoft.Extensions.Options;

namespace Kixo.RateLimiting;

/// <summary>
/// Permits by project: never more a UTC second than the project's limit, over all instances that share the counters. Projects
/// that nobody asks for are forgotten after ten seconds, and cost nothing.
/// </summary>
internal sealed class RequestLimiter : IDisposable
{
    private readonly PartitionedRateLimiter<ProjectLimit> _limiters;
    private readonly RateLimitOptions _options;
    private readonly KixoMetrics _metrics;

    public RequestLimiter(CounterStore store, IOptions<RateLimitOptions> options, TimeProvider time, CounterOutage outage, KixoMetrics metrics)
    {
        (_options, _metrics) = (options.Value, metrics);
        _limiters = PartitionedRateLimiter.Create<ProjectLimit, ProjectLimit>(project => RateLimitPartition.Get(
            project, key => new ProjectLimiter(key.ProjectId, key.RequestsPerSecond, store, _options, time, outage, metrics)));
    }

    // The limit is part of the key: a changed one has a limiter of its own, on the same counter.
    private readonly record struct ProjectLimit(string ProjectId, int RequestsPerSecond);

    /// <param name="projectId">A project that exists.</param>
    /// <param name="requestsPerSecond">The project's own limit, or null for the setting.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    public async ValueTask<Permit> AcquireAsync(string projectId, int? requestsPerSecond, CancellationToken cancellationToken)
    {
        var project = new ProjectLimit(projectId, requestsPerSecond ?? _options.RequestsPerSecond);
        using var lease = (PermitLease)await _limiters.AcquireAsync(project, permitCount: 1, cancellationToken);
        if (!lease.IsAcquired)
        {
            _metrics.PermitRefused();
        }

        return lease.Permit;
    }

    public void Dispose() => _limiters.Dispose();
}
