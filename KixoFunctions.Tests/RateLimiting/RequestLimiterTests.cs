using Kixo.RateLimiting;
using Kixo.Tests.Support;
using Microsoft.Extensions.Options;
using Microsoft.Extensions.Time.Testing;

namespace Kixo.Tests.RateLimiting;

public sealed class RequestLimiterTests
{
    private readonly RequestLimiter _limiter = new(
        new MemoryCounterStore(), Options.Create(new RateLimitOptions { RequestsPerSecond = 1 }),
        new FakeTimeProvider(new DateTimeOffset(Some.Time)), Some.CounterOutage(TimeProvider.System));

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

    private ValueTask<Permit> AcquireAsync(string project, int? own = null) => _limiter.AcquireAsync(project, own, CancellationToken.None);
}
