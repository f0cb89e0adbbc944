using System.Threading.RateLimiting;
using Azure;
using CsCheck;
using Kixo.RateLimiting;
using Kixo.Tests.Support;
using Microsoft.Extensions.Time.Testing;

namespace Kixo.Tests.RateLimiting;

public sealed class ProjectLimiterTests
{
    private static readonly RequestFailedException Down = new(503, "down");

    private readonly FakeTimeProvider _time = new(new DateTimeOffset(Some.Time));
    private readonly MemoryCounterStore _store = new();
    private readonly RateLimitOptions _options = new();
    private readonly Dictionary<int, ProjectLimiter> _limiters = [];

    private long Now => RateWindow.SecondOf(_time.GetUtcNow());

    [Fact]
    public async Task The_limit_is_given_and_no_more_and_a_refusal_asks_nobody()
    {
        _time.Advance(TimeSpan.FromMilliseconds(400));
        var untilNext = TimeSpan.FromMilliseconds(600);

        Assert.Equal(new Permit(true, 3, 2, untilNext, Now, 0), await AcquireAsync(3));
        Assert.Equal(new Permit(true, 3, 1, untilNext, Now, 1), await AcquireAsync(3));
        Assert.Equal(new Permit(true, 3, 0, untilNext, Now, 2), await AcquireAsync(3));
        var calls = _store.Calls;

        Assert.Equal(new Permit(false, 3, 0, untilNext, Now, 0), await AcquireAsync(3));
        Assert.Equal(calls, _store.Calls);
    }

    [Fact]
    public async Task The_counter_is_read_once_and_then_written_under_the_known_etag()
    {
        await AcquireAsync(10);
        await AcquireAsync(10);
        await AcquireAsync(10);

        Assert.Equal(4, _store.Calls);
        Assert.Equal(new RateWindow(Now, 3), _store[Some.Project]);
    }

    [Fact]
    public async Task The_next_second_has_new_permits()
    {
        await AcquireAsync(1);
        Assert.False((await AcquireAsync(1)).Granted);

        _time.Advance(TimeSpan.FromSeconds(1));

        Assert.Equal(new Permit(true, 1, 0, TimeSpan.FromSeconds(1), Now, 0), await AcquireAsync(1));
    }

    [Fact]
    public async Task A_limit_that_is_raised_or_lowered_counts_at_once()
    {
        await AcquireAsync(2);
        await AcquireAsync(2);

        Assert.Equal((true, 0), await GrantedAndLeftAsync(3));
        Assert.Equal((false, 0), await GrantedAndLeftAsync(1));
    }

    [Fact]
    public async Task Those_who_wait_for_a_write_share_the_next_one()
    {
        var written = new TaskCompletionSource();
        _store.BeforeSave = _ => written.Task;
        var first = AcquireAsync(8);
        var others = Enumerable.Range(0, 10).Select(_ => AcquireAsync(8)).ToArray();

        written.SetResult();

        Assert.Equal(7, (await first).Left);
        Assert.Equal(
            [(true, 6), (true, 5), (true, 4), (true, 3), (true, 2), (true, 1), (true, 0), (false, 0), (false, 0), (false, 0)],
            (await Task.WhenAll(others)).Select(permit => (permit.Granted, permit.Left)));
        Assert.Equal(3, _store.Calls); // a load, a save for the first, a save for the others
    }

    [Fact]
    public async Task When_another_instance_was_faster_its_permits_count()
    {
        await AcquireAsync(3);
        _store[Some.Project] = new(Now, 2);

        Assert.Equal((true, 0), await GrantedAndLeftAsync(3));
        Assert.Equal(new RateWindow(Now, 3), _store[Some.Project]);
        Assert.False((await AcquireAsync(3)).Granted);
    }

    [Fact]
    public async Task When_another_instance_has_used_it_up_nothing_is_granted()
    {
        await AcquireAsync(3);
        _store[Some.Project] = new(Now, 3);

        Assert.Equal((false, 0), await GrantedAndLeftAsync(3));
    }

    [Fact]
    public async Task A_window_ahead_is_drawn_on_and_not_turned_back()
    {
        _store[Some.Project] = new(Now + 1, 2);

        Assert.Equal((true, 0), await GrantedAndLeftAsync(3));
        Assert.False((await AcquireAsync(3)).Granted);
        Assert.Equal(new RateWindow(Now + 1, 3), _store[Some.Project]);
    }

    [Fact]
    public async Task A_write_that_ends_in_the_next_second_is_leased_again_there()
    {
        var first = true;
        _store.AfterSave = _ =>
        {
            _time.Advance(TimeSpan.FromMilliseconds(first ? 200 : 0));
            first = false;
            return Task.CompletedTask;
        };
        _time.Advance(TimeSpan.FromMilliseconds(900));

        var permit = await AcquireAsync(5);

        Assert.Equal(new Permit(true, 5, 4, TimeSpan.FromMilliseconds(900), Now, 0), permit);
        Assert.Equal(new RateWindow(Now, 1), _store[Some.Project]);
    }

    [Fact]
    public async Task Permits_whose_second_ends_before_they_are_handed_out_are_leased_again()
    {
        _store.AfterSave = _ =>
        {
            _time.AutoAdvanceAmount = TimeSpan.FromMilliseconds(1); // with each look at the clock
            return Task.CompletedTask;
        };
        _time.Advance(TimeSpan.FromMilliseconds(999));
        var second = Now;

        Assert.True((await AcquireAsync(5)).Granted);

        Assert.Equal(new RateWindow(second + 1, 1), _store[Some.Project]);
    }

    [Theory]
    [InlineData(1, 10)]
    [InlineData(4, 2)]
    [InlineData(100, 1)]
    public async Task While_the_counter_is_down_the_instance_gives_its_share(int instances, int share)
    {
        _options.ExpectedInstances = instances;
        await GoAwayAsync(limit: 10);

        var permits = await AcquireManyAsync(20, limit: 10);

        Assert.Equal(Enumerable.Range(0, 20).Select(i => (i < share, Math.Max(0, share - 1 - i))), permits.Select(permit => (permit.Granted, permit.Left)));
    }

    [Fact]
    public async Task When_the_counter_is_back_it_decides_again()
    {
        await GoAwayAsync(limit: 3);
        Assert.True((await AcquireAsync(3)).Granted);
        _time.Advance(TimeSpan.FromSeconds(1));
        _store[Some.Project] = new(Now, 3);

        _store.BeforeLoad = _ => Task.CompletedTask;

        Assert.Equal((false, 0), await GrantedAndLeftAsync(3));
    }

    [Fact]
    public async Task A_lost_or_late_answer_opens_no_limit_beside_the_counters()
    {
        Assert.True((await AcquireAsync(3)).Granted);
        _store.BeforeSave = _ => throw Down;
        _store.BeforeLoad = _ => throw Down;

        Assert.All(await AcquireManyAsync(2, limit: 3), permit => Assert.False(permit.Granted));
    }

    [Fact]
    public async Task A_counter_that_does_not_answer_is_waited_for_250_ms()
    {
        _store.BeforeSave = token => Task.Delay(Timeout.InfiniteTimeSpan, _time, token);
        var permit = AcquireAsync(5);

        _time.Advance(TimeSpan.FromMilliseconds(249));
        Assert.False(permit.IsCompleted);

        _time.Advance(TimeSpan.FromMilliseconds(1));
        Assert.False((await permit.WaitAsync(TimeSpan.FromSeconds(30))).Granted);
    }

    [Fact]
    public async Task A_counter_that_others_win_each_time_is_not_down_and_nothing_is_granted_beside_it()
    {
        _store.BeforeSave = async token =>
        {
            await Task.Delay(TimeSpan.FromMilliseconds(100), _time, token);
            _store[Some.Project] = new(Now, 1);
        };
        var permit = AcquireAsync(5);
        while (!permit.IsCompleted)
        {
            _time.Advance(TimeSpan.FromMilliseconds(10));
            await Task.Delay(TimeSpan.FromMilliseconds(1), TimeProvider.System);
        }

        Assert.False((await permit).Granted);
    }

    [Fact]
    public async Task When_the_answer_to_a_write_is_lost_the_counter_is_read_anew()
    {
        _store.AfterSave = _ => throw Down;
        Assert.False((await AcquireAsync(3)).Granted);
        _store.AfterSave = _ => Task.CompletedTask;
        _time.Advance(TimeSpan.FromSeconds(1));

        Assert.Equal((true, 2), await GrantedAndLeftAsync(3).WaitAsync(TimeSpan.FromSeconds(30)));
        Assert.Equal(new RateWindow(Now, 1), _store[Some.Project]);
    }

    [Fact]
    public async Task Who_gives_up_waiting_is_cancelled_and_the_others_are_served()
    {
        var written = new TaskCompletionSource();
        _store.BeforeSave = _ => written.Task;
        using var cancellation = new CancellationTokenSource();
        var first = AcquireAsync(5);
        var gone = AcquireAsync(Limiter(5), cancellation.Token);
        var other = AcquireAsync(5);

        await cancellation.CancelAsync();
        written.SetResult();

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => gone);
        Assert.True((await first).Granted);
        Assert.True((await other).Granted);
    }

    [Fact]
    public async Task Several_instances_never_give_over_the_limit_a_second_nor_a_number_twice() =>
        await Gen.Select(Gen.Int[1, 5], Gen.Int[1, 20], Gen.Select(Gen.Int[0, 15], Gen.Int[0, 700]).Array[1, 15]).SampleAsync(
            async (instances, limit, bursts) =>
            {
                var time = new FakeTimeProvider(new DateTimeOffset(Some.Time));
                var store = new MemoryCounterStore { BeforeLoad = async _ => await Task.Yield(), BeforeSave = async _ => await Task.Yield() };
                var limiters = Enumerable.Range(0, instances)
                    .Select(_ => new ProjectLimiter(Some.Project, limit, store, new(), time, Some.CounterOutage(time), Some.Metrics)).ToArray();
                var given = new HashSet<(long Second, int Number)>();
                foreach (var (size, pause) in bursts)
                {
                    var permits = await Task.WhenAll(Enumerable.Range(0, size).Select(
                        i => Task.Run(() => AcquireAsync(limiters[i % instances]))));

                    Assert.All(permits.Where(permit => permit.Granted), permit =>
                    {
                        Assert.InRange(permit.Number, 0, limit - 1);
                        Assert.True(given.Add((permit.Second, permit.Number)));
                    });
                    time.Advance(TimeSpan.FromMilliseconds(pause));
                }
            });

    [Fact]
    public async Task However_the_counter_fails_one_instance_never_gives_over_the_limit_a_second() =>
        await Gen.Select(Gen.Int[1, 10], Gen.Select(Gen.Int[0, 3], Gen.Int[1, 6], Gen.Int[0, 300]).Array[1, 20]).SampleAsync(
            async (limit, bursts) =>
            {
                var fault = 0;
                var time = new FakeTimeProvider(new DateTimeOffset(Some.Time));
                var store = new MemoryCounterStore
                {
                    BeforeLoad = _ => fault == 1 ? throw Down : Task.CompletedTask,
                    BeforeSave = _ => fault == 2 ? throw Down : Task.CompletedTask,
                    AfterSave = _ => fault == 3 ? throw Down : Task.CompletedTask,
                };
                var limiter = new ProjectLimiter(Some.Project, limit, store, new(), time, Some.CounterOutage(time), Some.Metrics);
                var given = new Dictionary<long, int>();
                foreach (var (nextFault, size, pause) in bursts)
                {
                    fault = nextFault;
                    var permits = await Task.WhenAll(Enumerable.Range(0, size).Select(_ => AcquireAsync(limiter)));
                    var second = RateWindow.SecondOf(time.GetUtcNow());
                    given[second] = given.GetValueOrDefault(second) + permits.Count(permit => permit.Granted);

                    Assert.InRange(given[second], 0, limit);
                    time.Advance(TimeSpan.FromMilliseconds(pause));
                }
            });

    [Fact]
    public async Task A_busy_project_leases_ahead_and_spends_without_asking()
    {
        await AcquireManyAsync(100, limit: 1_000);
        _time.Advance(TimeSpan.FromSeconds(1));
        await AcquireManyAsync(100, limit: 1_000);
        _time.Advance(TimeSpan.FromSeconds(1));
        var calls = _store.Calls;

        // 100 in each of the last two seconds: one, and a quarter of a second of them less the root of that.
        Assert.All(await AcquireManyAsync(21, limit: 1_000), permit => Assert.True(permit.Granted));

        Assert.Equal(calls + 1, _store.Calls);
        Assert.Equal(new RateWindow(Now, 21), _store[Some.Project]);
    }

    [Fact]
    public async Task What_is_in_hand_dies_with_its_second()
    {
        await AcquireManyAsync(100, limit: 1_000);
        _time.Advance(TimeSpan.FromSeconds(1));
        await AcquireAsync(1_000);
        _time.Advance(TimeSpan.FromSeconds(1));

        Assert.False(Limiter(1_000).AttemptAcquire().IsAcquired);
        Assert.True((await AcquireAsync(1_000)).Granted);
    }

    [Fact]
    public async Task A_refusal_says_when_to_come_again_and_then_there_is_a_permit()
    {
        _time.Advance(TimeSpan.FromMilliseconds(300));
        await AcquireAsync(1);
        using var refusal = await Limiter(1).AcquireAsync();
        Assert.True(refusal.TryGetMetadata(MetadataName.RetryAfter, out var retryAfter));
        Assert.Equal(TimeSpan.FromMilliseconds(700), retryAfter);

        _time.Advance(retryAfter);

        Assert.True((await AcquireAsync(1)).Granted);
    }

    [Fact]
    public async Task It_is_idle_from_the_last_request_on()
    {
        await AcquireAsync(5);
        _time.Advance(TimeSpan.FromSeconds(11));

        Assert.Equal(TimeSpan.FromSeconds(11), Limiter(5).IdleDuration);
    }

    /// <summary>The counters have not answered for as long as it takes to count as away.</summary>
    private async Task GoAwayAsync(int limit)
    {
        _store.BeforeLoad = _ => throw Down;
        await AcquireManyAsync(3, limit);
        _time.Advance(_options.OutageAfter);
    }

    private ProjectLimiter Limiter(int limit) => _limiters.TryGetValue(limit, out var limiter)
        ? limiter
        : _limiters[limit] = new(Some.Project, limit, _store, _options, _time, Some.CounterOutage(_time), Some.Metrics);

    private Task<Permit> AcquireAsync(int limit) => AcquireAsync(Limiter(limit));

    private static async Task<Permit> AcquireAsync(ProjectLimiter limiter, CancellationToken cancellationToken = default) =>
        ((PermitLease)await limiter.AcquireAsync(permitCount: 1, cancellationToken)).Permit;

    private async Task<(bool Granted, int Left)> GrantedAndLeftAsync(int limit)
    {
        var permit = await AcquireAsync(limit);
        return (permit.Granted, permit.Left);
    }

    private async Task<List<Permit>> AcquireManyAsync(int count, int limit)
    {
        var permits = new List<Permit>();
        for (var i = 0; i < count; i++)
        {
            permits.Add(await AcquireAsync(limit));
        }

        return permits;
    }
}
