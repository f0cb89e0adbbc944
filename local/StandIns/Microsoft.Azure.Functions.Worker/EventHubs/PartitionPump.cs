using System.Text.Json;
using Azure.Messaging.EventHubs;
using Azure.Messaging.EventHubs.Primitives;
using Microsoft.Azure.Functions.Worker.Hosting;

namespace Microsoft.Azure.Functions.Worker.EventHubs;

/// <summary>
/// Reads one partition this instance owns and invokes the function with its batches: in order, one at a time. Goes on through
/// faults of the hub and of storage, until it is stopped or another instance takes the partition.
/// </summary>
internal sealed class PartitionPump : IDisposable
{
    private static readonly RetryPolicy BackOff = new(-1, TimeSpan.FromSeconds(0.5), TimeSpan.FromSeconds(15));
    private static readonly TimeSpan IdleWait = TimeSpan.FromSeconds(30);

    private readonly EventHubTrigger _trigger;
    private readonly CheckpointWriter _checkpoints;
    private readonly Outage _outage;
    private readonly CancellationTokenSource _receiving = new();
    private readonly CancellationTokenSource _invocation;
    private volatile bool _taken;

    public PartitionPump(EventHubTrigger trigger, string partitionId)
    {
        _trigger = trigger;
        PartitionId = partitionId;
        _invocation = new CancellationTokenSource(Timeout.InfiniteTimeSpan, trigger.Time);
        _outage = new Outage($"{trigger.Function.Name}: reading partition {partitionId} of {trigger.Source.EventHubName}", trigger.Time, trigger.Logger);
        var storage = new Outage($"{trigger.Function.Name}: writing the checkpoint of partition {partitionId}", trigger.Time, trigger.Logger);
        _checkpoints = new CheckpointWriter(trigger.Checkpoints, partitionId, trigger.Options.BatchCheckpointFrequency, storage);
        Completion = Task.Run(RunAsync);
    }

    public string PartitionId { get; }

    /// <summary>Never faults.</summary>
    public Task Completion { get; }

    /// <summary>The host stops: no more batches; the invocation that runs has so long before its token is cancelled.</summary>
    public void Stop(TimeSpan grace)
    {
        _receiving.Cancel();
        _invocation.CancelAfter(grace);
    }

    /// <summary>Another instance owns the partition: its checkpoint is that one's to move.</summary>
    public void Yield()
    {
        _taken = true;
        Stop(TimeSpan.Zero);
    }

    public void Dispose()
    {
        _receiving.Dispose();
        _invocation.Dispose();
    }

    private async Task RunAsync()
    {
        for (var failures = 0; !_receiving.IsCancellationRequested;)
        {
            try
            {
                var checkpoint = await _checkpoints.ReadAsync(_receiving.Token);
                await using var receiver = _trigger.Source.CreateReceiver(PartitionId, Checkpoint.StartPosition(checkpoint, _trigger.Options.InitialOffsetOptions));
                Log.PartitionStarted(_trigger.Logger, _trigger.Function.Name, PartitionId, checkpoint?.SequenceNumber);
                var partitionContext = PartitionContext(receiver);
                while (!_receiving.IsCancellationRequested)
                {
                    var batch = await ReceiveAsync(receiver);
                    failures = 0;
                    _outage.Over();
                    await (batch.Length > 0 ? InvokeAsync(batch, partitionContext) : FlushCheckpointAsync());
                }
            }
            catch (OperationCanceledException) when (_receiving.IsCancellationRequested)
            {
            }
            catch (EventHubsException exception) when (exception.Reason == EventHubsException.FailureReason.ConsumerDisconnected)
            {
                // Another instance reads it now. If that one is not its new owner, the next balancing starts a new pump.
                Log.PartitionTaken(_trigger.Logger, _trigger.Function.Name, PartitionId);
                _taken = true;
                break;
            }
            catch (Exception exception)
            {
                _outage.Report(exception);
                await Task.Delay(BackOff.DelayAfter(++failures)!.Value, _trigger.Time, _receiving.Token).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            }
        }

        await FlushCheckpointAsync();
    }

    /// <summary>As soon as there is something; with a minimum batch size, when that is reached or the first event has waited long enough.</summary>
    private async Task<EventData[]> ReceiveAsync(PartitionReceiver receiver)
    {
        var options = _trigger.Options;
        EventData[] batch = [.. await receiver.ReceiveBatchAsync(options.MaxEventBatchSize, IdleWait, _receiving.Token)];
        var since = _trigger.Time.GetTimestamp();
        while (batch.Length > 0 && batch.Length < options.MinEventBatchSize && options.MaxWaitTime - _trigger.Time.GetElapsedTime(since) is { Ticks: > 0 } left)
        {
            batch = [.. batch, .. await receiver.ReceiveBatchAsync(options.MaxEventBatchSize - batch.Length, left, _receiving.Token)];
        }

        return batch;
    }

    private async Task InvokeAsync(EventData[] batch, string partitionContext)
    {
        var outcome = await _trigger.Retries.RunAsync(retry => _trigger.InvokeAsync(batch, partitionContext, retry, _invocation.Token), _receiving.Token);
        if (!_taken)
        {
            await _checkpoints.AfterAsync(batch, outcome);
        }
    }

    private Task FlushCheckpointAsync() => _taken ? Task.CompletedTask : _checkpoints.FlushAsync();

    private static string PartitionContext(PartitionReceiver receiver) => JsonSerializer.Serialize(
        new { receiver.FullyQualifiedNamespace, receiver.EventHubName, receiver.ConsumerGroup, receiver.PartitionId });
}
