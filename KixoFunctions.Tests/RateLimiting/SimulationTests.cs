using CsCheck;
using Kixo.RateLimiting;
using Kixo.Tests.Support;
using Xunit.Abstractions;

namespace Kixo.Tests.RateLimiting;

/// <summary>Many instances on one counter, in virtual time: whatever happens, no second is given out twice, and hardly any is wasted.</summary>
public sealed class SimulationTests(ITestOutputHelper output)
{
    private const int Schedules = 10_000;

    /// <summary>One run: who asks, how often and for how long, and what goes wrong meanwhile.</summary>
    /// <param name="Load">Demand as a multiple of the limit.</param>
    /// <param name="Crashes">How many instances are lost, each replaced by a new one.</param>
    /// <param name="Skew">How far clocks are off and step, in milliseconds.</param>
    private sealed record Schedule(int Seed, int Instances, int Limit, double Load, double Seconds, SimulatedFaults Faults, int Crashes = 0, int Skew = 0)
    {
        public bool AllOnOne { get; init; }

        public Way Way { get; init; }
    }

    /// <summary>How permits are had: as the app does it, or as it is usually done.</summary>
    private enum Way
    {
        Leases,
        OneSwapARequest,
        OneCounterAnInstance,
    }

    private sealed record Outcome(
        IReadOnlyDictionary<long, int> GrantedBySecond, IReadOnlyDictionary<long, int> AskedBySecond, int Operations, IReadOnlyList<double> WaitsMs, int Stale)
    {
        public int Requests => WaitsMs.Count;
    }

    private static readonly Gen<Schedule> AnySchedule =
        from seed in Gen.Int
        from instances in Gen.Int[1, 8]
        from limit in Gen.Int[1, 40]
        from load in Gen.Double[0.2, 4]
        from latency in Gen.Int[1, 200]
        from failures in Gen.OneOf(0.0, 0.0, 0.02, 0.2)
        from losses in Gen.OneOf(0.0, 0.0, 0.02, 0.2)
        from crashes in Gen.Int[0, 3]
        from skew in Gen.OneOf(0, 0, 100, 500)
        select new Schedule(seed, instances, limit, load, 2.5, new(TimeSpan.FromMilliseconds(latency), failures, losses), crashes, skew);

    [Fact]
    public void No_second_is_given_out_twice_whatever_happens()
    {
        var (granted, refused) = (0L, 0L);
        AnySchedule.Sample(
            schedule =>
            {
                var outcome = Run(schedule);
                var sum = outcome.GrantedBySecond.Values.Sum();
                Interlocked.Add(ref granted, sum);
                Interlocked.Add(ref refused, outcome.Requests - sum);
                return outcome.Stale == 0 && outcome.GrantedBySecond.Values.All(count => count <= schedule.Limit);
            },
            iter: Schedules);
        output.WriteLine($"{Schedules:N0} schedules: {granted:N0} granted, {refused:N0} refused");

        // Both happened a lot, or the runs say little.
        Assert.True(granted > Schedules * 10 && refused > Schedules * 10);
    }

    [Fact]
    public void Without_the_ETag_it_is_and_the_simulation_sees_it()
    {
        var faults = new SimulatedFaults(TimeSpan.FromMilliseconds(20), ETagsAreIgnored: true);
        Assert.Contains(
            Enumerable.Range(0, 20).Select(seed => Run(new(seed, 4, 20, 3, 2.5, faults))),
            outcome => outcome.GrantedBySecond.Values.Any(count => count > 20));
    }

    [Theory]
    [InlineData(1, false)]
    [InlineData(2, false)]
    [InlineData(5, false)]
    [InlineData(10, false)]
    [InlineData(20, false)]
    [InlineData(20, true)]
    public void Of_a_demand_over_the_limit_at_least_95_percent_of_the_limit_is_granted(int instances, bool allOnOne)
    {
        for (var seed = 0; seed < 10; seed++)
        {
            var outcome = Run(new(seed, instances, 100, 3, 7, new(TimeSpan.FromMilliseconds(10))) { AllOnOne = allOnOne });
            var steady = outcome.GrantedBySecond.OrderBy(second => second.Key).Select(second => second.Value).Skip(2).SkipLast(1).ToList();
            output.WriteLine($"{instances} instances: {string.Join(' ', steady)} granted, {(double)outcome.Operations / outcome.Requests:0.000} operations a request");

            Assert.All(steady, granted => Assert.InRange(granted, 95, 100));
        }
    }

    [Theory]
    [InlineData(100, 0.1)]
    [InlineData(10, 1)]
    [InlineData(1, 1)]
    public void One_instance_within_its_limit_asks_the_counter_seldom(int requestsPerSecond, double mostOperations)
    {
        var outcome = Run(new(1, 1, 100, requestsPerSecond / 100.0, 30, new(TimeSpan.FromMilliseconds(10))));
        var operations = (double)outcome.Operations / outcome.Requests;
        output.WriteLine($"{requestsPerSecond} requests/s: {operations:0.000} operations a request");

        Assert.InRange(operations, 0, mostOperations + (1.0 / outcome.Requests)); // the first load
        var could = outcome.AskedBySecond.Values.Sum(asked => Math.Min(asked, 100));
        Assert.InRange(outcome.GrantedBySecond.Values.Sum(), could * 0.97, could);
    }

    [Fact]
    public void No_request_waits_past_its_time_out()
    {
        for (var seed = 0; seed < 100; seed++)
        {
            var outcome = Run(new(seed, 4, 20, 2, 3, new(TimeSpan.FromMilliseconds(120), Failures: 0.05, Losses: 0.2)));
            Assert.InRange(outcome.WaitsMs.Max(), 0, 250);
        }
    }

    /// <summary>The figures of docs/rate-limiting.md, printed as its table.</summary>
    [Fact]
    public void Figures()
    {
        output.WriteLine("| instances | demand | way | granted | operations a request | wait p50 | wait p99 |");
        foreach (var (instances, load, allOnOne) in ((int, double, bool)[])[(1, 0.01, false), (1, 0.5, false), (1, 3, false), (5, 0.5, false), (5, 3, false), (20, 3, false), (20, 3, true)])
        {
            foreach (var way in Enum.GetValues<Way>())
            {
                var outcome = Run(new(1, instances, 100, load, 12, new(TimeSpan.FromMilliseconds(10))) { AllOnOne = allOnOne, Way = way });
                var steady = outcome.AskedBySecond.Keys.Order().Skip(2).SkipLast(1).ToList();
                var could = steady.Sum(second => Math.Min(100, outcome.AskedBySecond[second]));
                var granted = steady.Sum(second => outcome.GrantedBySecond.GetValueOrDefault(second));
                var waits = outcome.WaitsMs.Order().ToList();
                output.WriteLine(FormattableString.Invariant(
                    $"| {instances} | {load * 100:0}/s{(allOnOne ? ", all on one" : "")} | {way} | {(double)granted / could:0 %} | {(double)outcome.Operations / outcome.Requests:0.00} | {waits[waits.Count / 2]:0} ms | {waits[waits.Count * 99 / 100]:0} ms |"));
                Assert.True(granted <= could);
            }
        }
    }

    private static Outcome Run(Schedule schedule)
    {
        var random = new Random(schedule.Seed);
        var time = new SimulatedTime();
        var store = new SimulatedStore(time, random, schedule.Faults);
        var skews = Enumerable.Range(0, schedule.Instances).Select(_ => TimeSpan.Zero).ToArray();
        var limiters = Enumerable.Range(0, schedule.Instances).Select(NewLimiter).ToArray();
        var (granted, asked) = (new Dictionary<long, int>(), new Dictionary<long, int>());
        var waits = new List<double>();
        var local = new RateWindow[schedule.Instances];
        var stale = 0;
        var requests = (int)Math.Max(1, schedule.Limit * schedule.Load * schedule.Seconds);

        time.Run(async () =>
        {
            var all = Enumerable.Range(0, requests).Select(_ => RequestAsync(At(), schedule.AllOnOne ? 0 : random.Next(schedule.Instances)))
                .Concat(Enumerable.Range(0, schedule.Crashes).Select(_ => CrashAsync(At(), random.Next(schedule.Instances))))
                .Concat(Enumerable.Range(0, schedule.Skew > 0 ? 4 : 0).Select(_ => StepAsync(At(), random.Next(schedule.Instances))))
                .ToList();
            await Task.WhenAll(all);
        });
        return new(granted, asked, store.Operations, waits, stale);

        TimeSpan At() => TimeSpan.FromSeconds(random.NextDouble() * schedule.Seconds);

        ProjectLimiter NewLimiter(int instance)
        {
            var clock = time.Skewed(() => skews[instance]);
            return new(Some.Project, schedule.Limit, store, new() { ExpectedInstances = schedule.Instances }, clock, Some.CounterOutage(clock, TimeSpan.MaxValue), Some.Metrics);
        }

        async Task RequestAsync(TimeSpan at, int instance)
        {
            await Task.Delay(at, time);
            var (start, second) = (time.GetTimestamp(), RateWindow.SecondOf(time.GetUtcNow()));
            asked[second] = asked.GetValueOrDefault(second) + 1;
            var permit = schedule.Way switch
            {
                Way.Leases => ((PermitLease)await limiters[instance].AcquireAsync()).Permit,
                Way.OneSwapARequest => await SwapAsync(),
                _ => Local(instance),
            };
            waits.Add(time.GetElapsedTime(start).TotalMilliseconds);
            if (permit.Granted)
            {
                granted[permit.Second] = granted.GetValueOrDefault(permit.Second) + 1;

                // Of a second that is over, on the clock of the instance that gave it.
                stale += permit.Second < RateWindow.SecondOf(time.GetUtcNow() + skews[instance]) ? 1 : 0;
            }
        }

        // Read, compare and swap, until it works or the time-out is over.
        async Task<Permit> SwapAsync()
        {
            using var timeout = new CancellationTokenSource(TimeSpan.FromMilliseconds(250), time);
            try
            {
                while (true)
                {
                    var (window, etag) = await store.LoadAsync(Some.Project, timeout.Token);
                    var (next, taken) = window.Take(RateWindow.SecondOf(time.GetUtcNow()), schedule.Limit, 1);
                    if (taken == 0 || await store.TrySaveAsync(Some.Project, next, etag, timeout.Token) is not null)
                    {
                        return new(taken > 0 && next.Second >= RateWindow.SecondOf(time.GetUtcNow()), schedule.Limit, 0, default, next.Second, next.Used - 1);
                    }
                }
            }
            catch (OperationCanceledException)
            {
                return default;
            }
        }

        // The instance's share of the limit, and nothing shared.
        Permit Local(int instance)
        {
            (local[instance], var taken) = local[instance].Take(RateWindow.SecondOf(time.GetUtcNow()), schedule.Limit / schedule.Instances, 1);
            return new(taken > 0, schedule.Limit, 0, default, local[instance].Second, local[instance].Used - 1);
        }

        async Task CrashAsync(TimeSpan at, int instance)
        {
            await Task.Delay(at, time);
            limiters[instance] = NewLimiter(instance);
        }

        async Task StepAsync(TimeSpan at, int instance)
        {
            await Task.Delay(at, time);
            skews[instance] = TimeSpan.FromMilliseconds(random.Next(-schedule.Skew, schedule.Skew + 1));
        }
    }
}
