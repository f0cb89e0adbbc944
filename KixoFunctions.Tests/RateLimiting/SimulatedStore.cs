using Azure;
using Azure.Data.Tables;
using Kixo.RateLimiting;
using Moq;

namespace Kixo.Tests.RateLimiting;

/// <summary>One counter in simulated time: every call takes a while, and may fail before or after it took effect.</summary>
internal sealed class SimulatedStore(SimulatedTime time, Random random, SimulatedFaults faults) : CounterStore(NoTables)
{
    private static readonly TableServiceClient NoTables = Mock.Of<TableServiceClient>();

    private RateWindow _row;
    private int _version;

    public int Operations { get; private set; }

    public override async Task<(RateWindow Window, ETag? ETag)> LoadAsync(string projectId, CancellationToken cancellationToken)
    {
        Operations++;
        await TravelAsync(cancellationToken);
        var answer = (_row, _version == 0 ? (ETag?)null : Tag());
        await TravelAsync(cancellationToken);
        return answer;
    }

    public override async Task<ETag?> TrySaveAsync(string projectId, RateWindow window, ETag? under, CancellationToken cancellationToken)
    {
        Operations++;
        await TravelAsync(cancellationToken);
        ETag? saved = null;
        if (faults.ETagsAreIgnored || under == (_version == 0 ? null : Tag()))
        {
            _row = window;
            _version++;
            saved = Tag();
        }

        await TravelAsync(cancellationToken);
        return saved;
    }

    private ETag Tag() => new($"{_version}");

    /// <summary>One way: half of the latency, more or less; or it fails, at once or by never arriving.</summary>
    private async Task TravelAsync(CancellationToken cancellationToken)
    {
        if (random.NextDouble() < faults.Failures)
        {
            throw new RequestFailedException(503, "down");
        }

        var lost = random.NextDouble() < faults.Losses;
        var way = TimeSpan.FromMilliseconds(faults.Latency.TotalMilliseconds * (0.25 + (random.NextDouble() * 0.5)));
        await Task.Delay(lost ? Timeout.InfiniteTimeSpan : way, time, cancellationToken);
    }
}

/// <summary>What goes wrong, and how often, each way of each call.</summary>
/// <param name="Latency">Of a call there and back, in the mean.</param>
/// <param name="Failures">Share that fails at once.</param>
/// <param name="Losses">Share that never arrives: a request before it took effect, or its answer after.</param>
/// <param name="ETagsAreIgnored">The compare-and-swap broken on purpose.</param>
internal sealed record SimulatedFaults(TimeSpan Latency, double Failures = 0, double Losses = 0, bool ETagsAreIgnored = false);
