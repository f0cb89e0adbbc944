using Azure;
using Kixo.Keys;
using Kixo.Tests.Support;
using Microsoft.Extensions.Caching.Hybrid;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Options;
using Microsoft.Extensions.Time.Testing;

namespace Kixo.Tests.Keys;

public sealed class KeyDirectoryTests : IDisposable
{
    private static readonly KeyAccess Good = new(Enabled: true, null, null, null, null);
    private static readonly RequestFailedException Down = new(503, "down");

    private readonly FakeTimeProvider _time = new(new DateTimeOffset(Some.Time));
    private readonly FakeKeyStore _store = new();
    private readonly ServiceProvider _services;
    private readonly KeyDirectory _keys;

    public KeyDirectoryTests()
    {
        _services = new ServiceCollection()
            .AddSingleton<TimeProvider>(_time)
            .AddMemoryCache(cache => (cache.Clock, cache.SizeLimit) = (new CacheClock(_time), 1 << 20))
            .AddHybridCache().Services
            .BuildServiceProvider();
        _keys = new(
            _store, _services.GetRequiredService<HybridCache>(), _time, Options.Create(new KeyOptions()), Some.Metrics, NullLogger<KeyDirectory>.Instance);
    }

    public void Dispose() => _services.Dispose();

    [Fact]
    public async Task CheckAsync_GoodKey_IsAllowedWithTheProjectsLimit()
    {
        _store.Project = new(Enabled: true, RequestsPerSecond: 500);

        Assert.Equal(KeyVerdict.Allowed(500), await CheckAsync());
    }

    [Fact]
    public async Task Only_the_keys_hash_goes_to_the_table()
    {
        await CheckAsync();

        Assert.Equal(ApiKeyHash.Of(Some.Key), _store.LastKeyHash);
    }

    [Fact]
    public async Task Unknown_revoked_and_expired_are_all_the_same_answer()
    {
        foreach (var key in new[] { null, Good with { Enabled = false }, Good with { ExpiresAt = _time.GetUtcNow() } })
        {
            _store.Key = key;
            Assert.Equal(KeyVerdict.InvalidKey, await CheckAsync());
            _time.Advance(TimeSpan.FromMinutes(1));
        }

        _store.Project = null;
        Assert.Equal(KeyVerdict.InvalidKey, await CheckAsync());
    }

    [Fact]
    public async Task A_key_expires_while_it_is_cached()
    {
        _store.Key = Good with { ExpiresAt = _time.GetUtcNow().AddSeconds(5) };
        Assert.Equal(KeyOutcome.Allowed, (await CheckAsync()).Outcome);

        _time.Advance(TimeSpan.FromSeconds(5));

        Assert.Equal(KeyVerdict.InvalidKey, await CheckAsync());
        Assert.Equal((1, 1), _store.Lookups);
    }

    [Fact]
    public async Task A_disabled_project_is_not_allowed()
    {
        _store.Project = new(Enabled: false, RequestsPerSecond: 7);

        Assert.Equal(KeyVerdict.NotAllowed("The project is disabled.", requestsPerSecond: 7), await CheckAsync());
    }

    [Theory]
    [InlineData("ios, web", null, null, KeyOutcome.Allowed)]
    [InlineData("", " ", ",", KeyOutcome.NotAllowed)]
    [InlineData(null, "com.example.app", "production", KeyOutcome.Allowed)]
    [InlineData("ios,android", null, null, KeyOutcome.NotAllowed)]
    [InlineData(null, "com.example", null, KeyOutcome.NotAllowed)]
    [InlineData(null, "COM.EXAMPLE.APP", null, KeyOutcome.NotAllowed)]
    [InlineData(null, null, "staging, development", KeyOutcome.NotAllowed)]
    internal async Task A_key_may_be_bound_to_platforms_bundles_and_environments(
        string? platforms, string? bundles, string? environments, KeyOutcome outcome)
    {
        _store.Project = new(Enabled: true, RequestsPerSecond: 7);
        _store.Key = new(Enabled: true, null, platforms, bundles, environments);

        var verdict = await CheckAsync();

        Assert.Equal((outcome, 7), (verdict.Outcome, verdict.RequestsPerSecond));
    }

    [Fact]
    public async Task A_hit_is_cached_for_30_seconds()
    {
        await CheckAsync();
        _store.Key = null;

        _time.Advance(TimeSpan.FromSeconds(29));
        Assert.Equal(KeyOutcome.Allowed, (await CheckAsync()).Outcome);
        Assert.Equal((1, 1), _store.Lookups);

        _time.Advance(TimeSpan.FromSeconds(2));
        Assert.Equal(KeyOutcome.InvalidKey, (await CheckAsync()).Outcome);
        Assert.Equal((2, 2), _store.Lookups);
    }

    [Fact]
    public async Task A_miss_is_cached_for_10_seconds()
    {
        _store.Key = null;
        await CheckAsync();
        _store.Key = Good;

        _time.Advance(TimeSpan.FromSeconds(9));
        Assert.Equal(KeyOutcome.InvalidKey, (await CheckAsync()).Outcome);
        Assert.Equal((1, 1), _store.Lookups);

        _time.Advance(TimeSpan.FromSeconds(2));
        Assert.Equal(KeyOutcome.Allowed, (await CheckAsync()).Outcome);
        Assert.Equal((1, 2), _store.Lookups);
    }

    [Fact]
    public async Task Many_checks_at_once_are_one_lookup()
    {
        var answers = new TaskCompletionSource();
        _store.Answers = answers.Task;
        var checks = Enumerable.Range(0, 100).Select(_ => CheckAsync()).ToArray();

        answers.SetResult();

        Assert.All(await Task.WhenAll(checks), verdict => Assert.Equal(KeyOutcome.Allowed, verdict.Outcome));
        Assert.Equal((1, 1), _store.Lookups);
    }

    [Fact]
    public async Task CheckAsync_TablesDownAndNothingKnown_IsUnavailableAndAskedAgainNextTime()
    {
        _store.Failure = Down;
        Assert.Equal(KeyVerdict.Unavailable, await CheckAsync());

        _store.Failure = null;
        Assert.Equal(KeyOutcome.Allowed, (await CheckAsync()).Outcome);
    }

    [Fact]
    public async Task While_the_tables_are_down_what_they_last_said_serves_for_10_minutes()
    {
        await CheckAsync();
        _store.Failure = Down;

        for (var at = 1; at < 10; at++)
        {
            _time.Advance(TimeSpan.FromMinutes(1));
            Assert.Equal((at, KeyOutcome.Allowed), (at, (await CheckAsync()).Outcome));
        }

        _time.Advance(TimeSpan.FromMinutes(2));
        Assert.Equal(KeyVerdict.Unavailable, await CheckAsync());
    }

    [Fact]
    public async Task While_the_tables_are_down_a_revoked_key_stays_revoked()
    {
        _store.Key = Good with { Enabled = false };
        await CheckAsync();
        _store.Failure = Down;

        _time.Advance(TimeSpan.FromMinutes(5));

        Assert.Equal(KeyVerdict.InvalidKey, await CheckAsync());
    }

    [Fact]
    public async Task While_the_tables_are_down_a_deleted_key_stays_deleted()
    {
        await CheckAsync();
        _store.Key = null;
        _time.Advance(TimeSpan.FromMinutes(1));
        await CheckAsync();
        _store.Failure = Down;

        _time.Advance(TimeSpan.FromMinutes(1));

        Assert.NotEqual(KeyOutcome.Allowed, (await CheckAsync()).Outcome);
    }

    [Fact]
    public async Task A_lookup_that_does_not_end_counts_as_down_after_2_seconds()
    {
        _store.Answers = new TaskCompletionSource().Task;
        var check = CheckAsync();

        _time.Advance(TimeSpan.FromSeconds(1.9));
        Assert.False(check.IsCompleted);

        _time.Advance(TimeSpan.FromSeconds(0.2));
        Assert.Equal(KeyVerdict.Unavailable, await check.WaitAsync(TimeSpan.FromSeconds(30)));
    }

    [Fact]
    public async Task CheckAsync_Cancelled_Throws()
    {
        _store.Answers = new TaskCompletionSource().Task;
        using var cancellation = new CancellationTokenSource();
        var check = CheckAsync(cancellationToken: cancellation.Token);

        await cancellation.CancelAsync();

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => check);
    }

    [Theory]
    [InlineData("")]
    [InlineData("a b")]
    [InlineData("a/b")]
    [InlineData("..")]
    [InlineData("é")]
    [InlineData("kx_proj_abc123\n")]
    public async Task A_project_id_of_odd_form_is_refused_without_a_lookup(string projectId)
    {
        Assert.Equal(KeyVerdict.InvalidKey, await CheckAsync(projectId));
        Assert.Equal((0, 0), _store.Lookups);
    }

    [Fact]
    public void A_project_id_has_up_to_128_characters()
    {
        Assert.True(KeyStore.IsProjectId(new string('a', 128)));
        Assert.False(KeyStore.IsProjectId(new string('a', 129)));
    }

    private Task<KeyVerdict> CheckAsync(string projectId = Some.Project, CancellationToken cancellationToken = default) =>
        _keys.CheckAsync(projectId, Some.Key, "web", "com.example.app", "production", cancellationToken).AsTask();
}
