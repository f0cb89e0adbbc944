using System.Net;
using Kixo.Cli.Load;
using Kixo.Tests.Support;
using Microsoft.Extensions.Time.Testing;

namespace Kixo.Tests.Cli.Load;

public sealed class LoadGeneratorTests
{
    private readonly CountingTime _time = new();
    private readonly StubServer _server = new();

    private LoadTotals _totals = new(0);

    [Fact]
    public async Task A_stall_shows_in_the_latency_of_every_request_that_it_held_up()
    {
        _server.Stall = true;
        var run = RunAsync(seconds: 0.5, inFlight: 1);
        await WaitsAsync(times: 1);
        _time.Advance(TimeSpan.FromMilliseconds(450));
        _server.Resume();
        await EndAsync(run, waits: 2);

        // The first took 450 ms; the second was to be sent at 100 ms and had to wait until then; and so on.
        Assert.Equal(5, _totals.Accepted);
        int[] percentiles = [20, 40, 60, 80, 100];
        var milliseconds = percentiles.Select(p => (int)Math.Round(_totals.Latencies.GetValueAtPercentile(p) / 10_000d) * 10);
        Assert.Equal([50, 150, 250, 350, 450], milliseconds);
    }

    [Fact]
    public async Task Each_answer_is_counted_as_what_it_is()
    {
        _server.Answers = new(
        [
            (HttpStatusCode.OK, """{"status":"ok","accepted":2}"""), (HttpStatusCode.OK, """{"status":"ok","accepted":1,"rejected":1}"""),
            (HttpStatusCode.OK, "<html>"), (HttpStatusCode.TooManyRequests, "{}"), (HttpStatusCode.ServiceUnavailable, "{}"),
        ]);
        var run = RunAsync(seconds: 1, inFlight: 1);
        await WaitsAsync(times: 1);
        _time.Advance(TimeSpan.FromMilliseconds(950));
        await EndAsync(run, waits: 2);

        Assert.Equal((10, 6, 1, 3), (_totals.Sent, _totals.Accepted, _totals.Throttled, _totals.Failed));
        Assert.Equal(["200, but no JSON", "200, but not for every event", "503 ServiceUnavailable"], _totals.Failures.Keys.Order(StringComparer.Ordinal));
    }

    [Fact]
    public async Task What_finds_no_free_connection_until_the_end_is_not_sent()
    {
        _server.Stall = true;
        var run = RunAsync(seconds: 1, inFlight: 3);
        await WaitsAsync(times: 1);
        _time.Advance(TimeSpan.FromMilliseconds(250));
        await WaitsAsync(times: 2);
        _time.Advance(TimeSpan.FromSeconds(1));
        _server.Resume();
        await run.WaitAsync(TimeSpan.FromSeconds(60), TimeProvider.System);

        Assert.Equal((3, 3), (_totals.Sent, _totals.Accepted));
    }

    [Fact]
    public async Task Stopped_early_it_waits_for_what_is_under_way()
    {
        using var stop = new CancellationTokenSource();
        _server.Stall = true;
        var run = RunAsync(seconds: 1, inFlight: 3, stop.Token);
        await WaitsAsync(times: 1);
        _time.Advance(TimeSpan.FromMilliseconds(100));
        await WaitsAsync(times: 2);
        await stop.CancelAsync();
        Assert.False(run.IsCompleted);

        _server.Resume();
        Assert.Equal(TimeSpan.FromMilliseconds(100), await run.WaitAsync(TimeSpan.FromSeconds(60), TimeProvider.System));
        Assert.Equal(2, _totals.Accepted);
    }

    private Task<TimeSpan> RunAsync(double seconds, int inFlight, CancellationToken stop = default)
    {
        var options = new LoadOptions(
            [new Uri("http://127.0.0.1")], Rate: 10, Events: 2, TimeSpan.FromSeconds(seconds), inFlight, LoadCompression.None, "development", TimeSpan.FromMinutes(1));
        _totals = new(options.Requests);
        var bodies = new BatchBodies(options, "aB3xyZ", Some.Time);
        return new LoadGenerator(options, [new(Some.Project, Some.Key)], bodies, new HttpClient(_server), _totals, _time).RunAsync(stop);
    }

    /// <summary>Until the generator has begun to wait for a time so often.</summary>
    private Task WaitsAsync(int times) => TestStack.EventuallyAsync(() => Task.FromResult(_time.Delays >= times), () => $"{times} waits; there are {_time.Delays}");

    private async Task EndAsync(Task run, int waits)
    {
        await WaitsAsync(waits);
        await TestStack.EventuallyAsync(() => Task.FromResult(_totals.InFlight == 0), () => "all answers; time must not pass for one that is there");
        _time.Advance(TimeSpan.FromSeconds(1));
        await run.WaitAsync(TimeSpan.FromSeconds(60), TimeProvider.System);
    }

    private sealed class CountingTime : FakeTimeProvider
    {
        private int _delays;

        public int Delays => Volatile.Read(ref _delays);

        public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period)
        {
            var timer = base.CreateTimer(callback, state, dueTime, period);
            if (dueTime != Timeout.InfiniteTimeSpan)
            {
                Interlocked.Increment(ref _delays);
            }

            return timer;
        }
    }

    private sealed class StubServer : HttpMessageHandler
    {
        private readonly TaskCompletionSource _resumed = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public bool Stall { get; set; }

        public Queue<(HttpStatusCode, string)> Answers { get; set; } = [];

        public void Resume() => _resumed.SetResult();

        protected override async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
        {
            if (Stall)
            {
                await _resumed.Task.WaitAsync(cancellationToken);
            }

            var (status, body) = Answers.TryDequeue(out var answer) ? answer : (HttpStatusCode.OK, """{"status":"ok","accepted":2}""");
            return new(status) { Content = new StringContent(body) };
        }
    }
}
