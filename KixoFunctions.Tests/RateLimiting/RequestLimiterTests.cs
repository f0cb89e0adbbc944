using Azure;
using Azure.Data.Tables;
using Kixo.RateLimiting;
using Kixo.Tests.Support;
using Microsoft.Extensions.Options;
using Microsoft.Extensions.Time.Testing;
using Moq;

namespace Kixo.Tests.RateLimiting;

[Collection(nameof(RunsAlone))]
public sealed class RequestLimiterTests : IDisposable
{
    private readonly FakeTimeProvider _time = new(new DateTimeOffset(Some.Time));
    private readonly RequestLimiter _limiter;

    public RequestLimiterTests() => _limiter = new(
        new MemoryCounterStore(), Options.Create(new RateLimitOptions { RequestsPerSecond = 1 }), _time, Some.CounterOutage(_time), Some.Metrics);

    public void Dispose() => _limiter.Dispose();

    [Fact]
    public async Task Each_project_has_its_own_permits()
    {
        Assert.True((await AcquireAsync("a")).Granted);
        Assert.True((await AcquireAsync("b")).Granted);
        Assert.False((await AcquireAsync("a")).Granted);
    }

    [Fact]
    public async Task A_projects_own_limit_goes_before_the_setting()
    {
        Assert.Equal(1, (await AcquireAsync("a")).Limit);
        Assert.Equal(7, (await AcquireAsync("b", 7)).Limit);
    }

    [Fact]
    public async Task Projects_that_nobody_asks_for_are_forgotten()
    {
        const int Projects = 100_000;
        var store = new NoStore();
        using var limiter = new RequestLimiter(store, Options.Create(new RateLimitOptions()), _time, Some.CounterOutage(_time), Some.Metrics);
        var before = GC.GetTotalMemory(forceFullCollection: true);
        for (var project = 0; project < Projects; project++)
        {
            await limiter.AcquireAsync($"p{project}", null, CancellationToken.None);
        }

        var held = GC.GetTotalMemory(forceFullCollection: true) - before;
        Assert.InRange(held / Projects, 0, 2_048);

        _time.Advance(TimeSpan.FromSeconds(11));
        await TestStack.EventuallyAsync(
            () => Task.FromResult(GC.GetTotalMemory(forceFullCollection: true) - before < held / 4), () => "the idle limiters to be dropped");
    }

    private ValueTask<Permit> AcquireAsync(string project, int? own = null) => _limiter.AcquireAsync(project, own, CancellationToken.None);

    /// <summary>Counters that are always free and keep nothing, so that what is measured is the limiter's.</summary>
    private sealed class NoStore() : CounterStore(Mock.Of<TableServiceClient>())
    {
        public override Task<(RateWindow Window, ETag? ETag)> LoadAsync(string projectId, CancellationToken cancellationToken) =>
            Task.FromResult<(RateWindow, ETag?)>((default, null));

        public override Task<ETag?> TrySaveAsync(string projectId, RateWindow window, ETag? under, CancellationToken cancellationToken) =>
            Task.FromResult<ETag?>(new ETag("1"));
    }
}
