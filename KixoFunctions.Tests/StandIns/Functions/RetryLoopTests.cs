using System.Reflection;
using Azure.Messaging.EventHubs;
using Microsoft.Azure.Functions.Worker;
using Microsoft.Azure.Functions.Worker.EventHubs;
using Microsoft.Azure.Functions.Worker.Hosting;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Time.Testing;

namespace Kixo.Tests.StandIns.Functions;

public sealed class RetryLoopTests
{
    private readonly FakeTimeProvider _time = new() { AutoAdvanceAmount = TimeSpan.Zero };
    private readonly List<(int Retry, int Max)> _attempts = [];

    [Fact]
    public async Task It_succeeds_at_the_first_attempt() =>
        Assert.Equal((BatchOutcome.Succeeded, 1), (await RunAsync(nameof(Twice), failures: 0), _attempts.Count));

    [Fact]
    public async Task It_tries_again_until_it_succeeds_and_tells_the_function_so()
    {
        Assert.Equal(BatchOutcome.Succeeded, await RunAsync(nameof(Twice), failures: 2));
        Assert.Equal([(0, 2), (1, 2), (2, 2)], _attempts);
    }

    [Fact]
    public async Task It_gives_up_when_the_policy_ends() =>
        Assert.Equal((BatchOutcome.Failed, 3), (await RunAsync(nameof(Twice), failures: 9), _attempts.Count));

    [Fact]
    public async Task Without_a_policy_it_gives_up_at_once() =>
        Assert.Equal((BatchOutcome.Failed, 1), (await RunAsync(nameof(Never), failures: 9), _attempts.Count));

    [Fact]
    public async Task For_ever_is_for_ever() =>
        Assert.Equal((BatchOutcome.Succeeded, 51), (await RunAsync(nameof(Always), failures: 50), _attempts.Count));

    [Fact]
    public async Task A_stop_ends_the_wait_and_abandons_the_batch()
    {
        using var stopping = new CancellationTokenSource();
        var run = Loop(nameof(Always)).RunAsync(_ => throw new IOException(), stopping.Token);
        Assert.False(run.IsCompleted);

        await stopping.CancelAsync();

        Assert.Equal(BatchOutcome.Abandoned, await run);
    }

    [Fact]
    public async Task An_attempt_that_fails_while_stopping_abandons_the_batch_even_without_a_policy()
    {
        using var stopping = new CancellationTokenSource();

        var outcome = await Loop(nameof(Never)).RunAsync(
            async _ =>
            {
                await stopping.CancelAsync();
                throw new OperationCanceledException();
            },
            stopping.Token);

        Assert.Equal(BatchOutcome.Abandoned, outcome);
    }

    [Fact]
    public async Task An_attempt_that_succeeds_while_stopping_counts()
    {
        using var stopping = new CancellationTokenSource();

        Assert.Equal(BatchOutcome.Succeeded, await Loop(nameof(Never)).RunAsync(_ => stopping.CancelAsync(), stopping.Token));
    }

    private async Task<BatchOutcome> RunAsync(string method, int failures)
    {
        var run = Loop(method).RunAsync(
            retry =>
            {
                _attempts.Add((retry.RetryCount, retry.MaxRetryCount));
                return _attempts.Count <= failures ? throw new IOException() : Task.CompletedTask;
            },
            CancellationToken.None);
        while (!run.IsCompleted)
        {
            _time.Advance(TimeSpan.FromSeconds(1));
            await Task.Yield();
        }

        return await run;
    }

    private RetryLoop Loop(string method) => new(
        new HostedFunction(method, GetType().GetMethod(method, BindingFlags.Static | BindingFlags.NonPublic)!), _time, NullLogger.Instance);

    [FixedDelayRetry(2, "00:00:01")]
    private static void Twice([EventHubTrigger("hub")] EventData[] events) => Never(events);

    [ExponentialBackoffRetry(-1, "00:00:00.1", "00:00:01")]
    private static void Always([EventHubTrigger("hub")] EventData[] events) => Never(events);

    private static void Never([EventHubTrigger("hub")] EventData[] events) => Assert.Empty(events);
}
