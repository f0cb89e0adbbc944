using System.Collections.Concurrent;
using System.Reflection;
using System.Text.Json;
using Azure.Messaging.EventHubs;
using Azure.Messaging.EventHubs.Producer;
using Kixo.Tests.StandIns.EventHubs;
using Microsoft.Azure.Functions.Worker;
using Microsoft.Azure.Functions.Worker.EventHubs;
using Microsoft.Azure.Functions.Worker.Hosting;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging.Abstractions;

namespace Kixo.Tests.StandIns.Functions;

/// <summary>The trigger as a whole against the emulator, with checkpoints and ownership in memory.</summary>
public sealed class EventHubListenerTests : IAsyncLifetime, IDisposable
{
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(30);

    private readonly RunningEmulator _emulator = new();
    private readonly InMemoryCheckpointStore _checkpoints = new();
    private readonly InMemoryOwnershipStore _ownerships = new(TimeProvider.System);
    private readonly ServiceProvider _services = new ServiceCollection().BuildServiceProvider();
    private readonly ConcurrentQueue<(string Partition, long SequenceNumber)> _delivered = [];
    private readonly EventHubOptions _options = new()
    {
        LoadBalancingUpdateInterval = TimeSpan.FromSeconds(0.2),
        PartitionOwnershipExpirationInterval = TimeSpan.FromSeconds(5),
    };

    [Fact]
    public async Task Every_event_is_delivered_in_order_and_checkpointed()
    {
        await using var instance = Start(Record);
        await SendAsync(40);
        await UntilAsync(() => _delivered.Count == 40);
        await instance.DisposeAsync();

        AssertDeliveredInOrderOnce();
        Assert.Equal(
            _delivered.GroupBy(it => it.Partition).ToDictionary(it => it.Key, it => (long?)it.Max(each => each.SequenceNumber)),
            _checkpoints.Stored.ToDictionary(it => it.Key, it => it.Value.SequenceNumber));
    }

    [Fact]
    public async Task The_next_start_goes_on_behind_the_checkpoints_at_once()
    {
        _options.PartitionOwnershipExpirationInterval = TimeSpan.FromHours(1);
        await SendAsync(20);
        await using (Start(Record))
        {
            await UntilAsync(() => _delivered.Count == 20);
        }

        Assert.All(_ownerships.Owners.Values, owner => Assert.Equal("", owner));
        await SendAsync(20);
        await using (Start(Record))
        {
            await UntilAsync(() => _delivered.Count >= 40);
        }

        AssertDeliveredInOrderOnce();
    }

    [Fact]
    public async Task A_batch_whose_function_throws_is_invoked_again_before_any_checkpoint()
    {
        List<(int Retry, int Events, int Checkpoints)> attempts = [];
        await SendAsync(3, partitionId: "1");
        await using var instance = Start(context =>
        {
            attempts.Add((context.RetryContext.RetryCount, context.Events.Length, _checkpoints.Stored.Count));
            return attempts.Count < 3 ? throw new IOException() : Record(context);
        });
        await UntilAsync(() => _checkpoints.Stored.Count == 1);

        Assert.Equal([0, 1, 2], attempts.Select(it => it.Retry).Take(3));
        Assert.All(attempts.Take(3), it => Assert.Equal((attempts[0].Events, 0), (it.Events, it.Checkpoints)));
    }

    [Fact]
    public async Task What_a_stop_interrupts_is_not_checkpointed_and_comes_again()
    {
        var entered = new TaskCompletionSource();
        await SendAsync(1);
        await using (Start(async context =>
        {
            entered.TrySetResult();
            await Task.Delay(Timeout.InfiniteTimeSpan, TimeProvider.System, context.CancellationToken);
        }))
        {
            await entered.Task.WaitAsync(Limit);
        }

        Assert.Empty(_checkpoints.Stored);
        await using (Start(Record))
        {
            await UntilAsync(() => _delivered.Count == 1);
        }
    }

    [Fact]
    public async Task When_the_policy_ends_the_partition_goes_on_behind_the_batch()
    {
        List<(int Retry, int Checkpoints)> attempts = [];
        await SendAsync(1, partitionId: "1");
        await using var instance = Start(
            context =>
            {
                if (context.Events[0].SequenceNumber > 0)
                {
                    return Record(context);
                }

                attempts.Add((context.RetryContext.RetryCount, _checkpoints.Stored.Count));
                throw new IOException();
            },
            nameof(GivesUp));
        await UntilAsync(() => _checkpoints.Stored.Count == 1);
        await SendAsync(1, partitionId: "1");
        await UntilAsync(() => _checkpoints.Stored["1"].SequenceNumber == 1);

        Assert.Equal([(0, 0), (1, 0), (2, 0)], attempts);
        Assert.Equal([("1", 1L)], _delivered);
    }

    [Fact]
    public async Task A_partition_has_one_invocation_at_a_time_and_one_that_fails_holds_up_no_other()
    {
        var running = new ConcurrentDictionary<string, int>();
        var (overlaps, failures) = (0, 0);
        await SendAsync(40);
        await using var instance = Start(async context =>
        {
            var partition = PartitionOf(context);
            overlaps += running.AddOrUpdate(partition, 1, (_, count) => count + 1) - 1;
            await Task.Delay(TimeSpan.FromMilliseconds(5), TimeProvider.System, context.CancellationToken);
            running.AddOrUpdate(partition, 0, (_, count) => count - 1);
            if (partition == "2")
            {
                Interlocked.Increment(ref failures);
                throw new IOException();
            }

            await Record(context);
        });
        await UntilAsync(() => _delivered.Count == 30 && failures > 2);

        Assert.Equal(0, overlaps);
        Assert.DoesNotContain(_delivered, it => it.Partition == "2");
        Assert.DoesNotContain("2", _checkpoints.Stored.Keys);
        AssertDeliveredInOrderOnce();
    }

    [Fact]
    public async Task An_invocation_that_ends_well_while_the_host_stops_is_checkpointed()
    {
        var (entered, letGo) = (new TaskCompletionSource(), new TaskCompletionSource());
        await SendAsync(1);
        var instance = Start(async context =>
        {
            entered.TrySetResult();
            await letGo.Task;
            Assert.False(context.CancellationToken.IsCancellationRequested);
        });
        await entered.Task.WaitAsync(Limit);

        var stopped = instance.DisposeAsync();
        letGo.SetResult();
        await stopped;

        Assert.Equal(0, _checkpoints.Stored["0"].SequenceNumber);
    }

    [Fact]
    public async Task An_instance_that_lost_the_partition_is_told_at_once_and_leaves_the_checkpoint_alone()
    {
        var (entered, cancelled) = (new TaskCompletionSource(), new TaskCompletionSource());
        await SendAsync(1);
        await using var slow = Start(async context =>
        {
            entered.TrySetResult();
            await Task.Delay(Timeout.InfiniteTimeSpan, TimeProvider.System, context.CancellationToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            cancelled.SetResult();
        });
        await entered.Task.WaitAsync(Limit);

        // Again when its owner renews it in this moment.
        while (!await _ownerships.TryChangeAsync(
            (await _ownerships.ListAsync(CancellationToken.None)).Single(it => it.PartitionId == "0"), "another", CancellationToken.None))
        {
            await Task.Yield();
        }

        await cancelled.Task.WaitAsync(Limit);
        await slow.DisposeAsync();
        Assert.Empty(_checkpoints.Stored);
    }

    [Fact]
    public async Task Two_instances_share_the_partitions_and_one_takes_over_from_the_other()
    {
        await using var first = Start(Record);
        await UntilAsync(() => Partitions() is [4]);
        await using var second = Start(Record);
        await UntilAsync(() => Partitions() is [2, 2]);
        await SendAsync(40);
        await UntilAsync(() => _delivered.Distinct().Count() == 40);

        await first.DisposeAsync();
        await UntilAsync(() => Partitions() is [4]);
        await SendAsync(40);
        await UntilAsync(() => _delivered.Distinct().Count() == 80);
    }

    [Fact]
    public async Task Storage_and_hub_may_be_away_for_a_while()
    {
        _ownerships.IsAway = _checkpoints.IsAway = true;
        await using var instance = Start(Record);
        await SendAsync(4);
        await Task.Delay(TimeSpan.FromSeconds(0.5), TimeProvider.System);
        Assert.Empty(_delivered);

        _ownerships.IsAway = false;
        await UntilAsync(() => _delivered.Count == 4);
        await _emulator.StopAsync();
        await _emulator.StartAgainAsync();
        await SendAsync(4);
        await UntilAsync(() => _delivered.Count == 8);
        Assert.Empty(_checkpoints.Stored);

        _checkpoints.IsAway = false;
        await instance.DisposeAsync();
        Assert.NotEmpty(_checkpoints.Stored);
        AssertDeliveredInOrderOnce();
    }

    public Task InitializeAsync() => _emulator.InitializeAsync();

    public Task DisposeAsync() => _emulator.DisposeAsync();

    public void Dispose() => _services.Dispose();

    [ExponentialBackoffRetry(-1, "00:00:00.050", "00:00:01")]
    private static void Function([EventHubTrigger(RunningEmulator.Hub, Connection = "EventHub")] EventData[] events) => Assert.NotEmpty(events);

    [FixedDelayRetry(2, "00:00:00.050")]
    private static void GivesUp([EventHubTrigger(RunningEmulator.Hub, Connection = "EventHub")] EventData[] events) => Assert.NotEmpty(events);

    private Instance Start(Func<EventHubInvocationContext, Task> function, string method = nameof(Function))
    {
        var settings = new ConfigurationBuilder().AddInMemoryCollection([new("EventHub", _emulator.ConnectionString)]).Build();
        var hosted = new HostedFunction("F", GetType().GetMethod(method, BindingFlags.Static | BindingFlags.NonPublic)!);
        var source = new EventHubSource("F", hosted.EventHubTrigger!, _options, settings);
        var trigger = new EventHubTrigger(
            hosted, source, _options, _checkpoints, context => function((EventHubInvocationContext)context),
            _services.GetRequiredService<IServiceScopeFactory>(), TimeProvider.System, NullLogger.Instance);
        return new Instance(new EventHubListener(trigger, _ownerships)).Run();
    }

    private Task Record(EventHubInvocationContext context)
    {
        var partition = PartitionOf(context);
        foreach (var each in context.Events)
        {
            _delivered.Enqueue((partition, each.SequenceNumber));
        }

        return Task.CompletedTask;
    }

    private static string PartitionOf(EventHubInvocationContext context) =>
        JsonSerializer.Deserialize<JsonElement>((string)context.BindingContext.BindingData["PartitionContext"]!).GetProperty("PartitionId").GetString()!;

    private async Task SendAsync(int count, string? partitionId = null)
    {
        await using var producer = _emulator.Producer();
        for (var i = 0; i < count; i++)
        {
            await producer.SendAsync([new EventData($"{i}")], new SendEventOptions { PartitionId = partitionId ?? $"{i % 4}" });
        }
    }

    /// <summary>How many partitions each instance owns.</summary>
    private int[] Partitions() => [.. _ownerships.Owners.Values.Where(owner => owner.Length > 0).CountBy(owner => owner).Select(it => it.Value)];

    private void AssertDeliveredInOrderOnce() => Assert.All(
        _delivered.GroupBy(it => it.Partition),
        events => Assert.Equal(Enumerable.Range(0, events.Count()).Select(number => (long)number), events.Select(it => it.SequenceNumber)));

    private static async Task UntilAsync(Func<bool> condition)
    {
        using var limit = new CancellationTokenSource(Limit, TimeProvider.System);
        while (!condition())
        {
            await Task.Delay(TimeSpan.FromMilliseconds(20), TimeProvider.System, limit.Token);
        }
    }

    private sealed class Instance(EventHubListener listener) : IAsyncDisposable
    {
        private readonly CancellationTokenSource _stopping = new();
        private Task? _running;

        public Instance Run()
        {
            _running = Task.Run(() => listener.RunAsync(_stopping.Token));
            return this;
        }

        public async ValueTask DisposeAsync()
        {
            if (_running is { } running)
            {
                _running = null;
                await _stopping.CancelAsync();
                await running.WaitAsync(Limit);
                listener.Dispose();
                _stopping.Dispose();
            }
        }
    }
}
