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

    private Instance Start(Func<EventHubInvocationContext, Task> function)
    {
        var settings = new ConfigurationBuilder().AddInMemoryCollection([new("EventHub", _emulator.ConnectionString)]).Build();
        var hosted = new HostedFunction("F", GetType().GetMethod(nameof(Function), BindingFlags.Static | BindingFlags.NonPublic)!);
        var source = new EventHubSource("F", hosted.EventHubTrigger!, _options, settings);
        var trigger = new EventHubTrigger(
            hosted, source, _options, _checkpoints, context => function((EventHubInvocationContext)context),
            _services.GetRequiredService<IServiceScopeFactory>(), TimeProvider.System, NullLogger.Instance);
        return new Instance(new EventHubListener(trigger, _ownerships)).Run();
    }

    private Task Record(EventHubInvocationContext context)
    {
        var partition = JsonSerializer.Deserialize<JsonElement>((string)context.BindingContext.BindingData["PartitionContext"]!).GetProperty("PartitionId").GetString()!;
        foreach (var each in context.Events)
        {
            _delivered.Enqueue((partition, each.SequenceNumber));
        }

        return Task.CompletedTask;
    }

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
