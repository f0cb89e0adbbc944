using Azure.Messaging.EventHubs;
using Kixo.Persistence;
using Kixo.Telemetry;
using Microsoft.Azure.Functions.Worker;
using Microsoft.Extensions.Logging;

namespace Kixo.Functions;

/// <summary>Appends the hub's messages to the event lake, each once.</summary>
internal sealed class PersistEvents(
    EventLake lake, DeadLetters deadLetters, TimeProvider time, KixoMetrics metrics, ILogger<PersistEvents> log)
{
    /// <remarks>
    /// The host writes its checkpoint even when a function throws, once the retry policy has ended. So the policy never ends,
    /// and only storage faults get so far as to throw: a message that cannot be read goes to dead letters. A partition that waits
    /// holds one batch and what the host fetches ahead (host.json), so memory stays bounded however long storage is away; once it
    /// is back, the longest delay is how long the partition takes to notice.
    /// </remarks>
    [Function(nameof(PersistEvents))]
    [ExponentialBackoffRetry(-1, "00:00:01", "00:00:15")]
    public async Task RunAsync(
        [EventHubTrigger(EventChunk.Hub, Connection = "EventHub")] EventData[] messages, FunctionContext context, CancellationToken cancellationToken)
    {
        using var span = Tracing.StartProcess(messages);
        var partition = PartitionNames.IdFrom(context.BindingContext.BindingData);
        var readable = new List<HubMessage>(messages.Length);
        foreach (var message in messages)
        {
            var name = partition ?? PartitionNames.FromKey(message.PartitionKey);
            var (chunk, problem) = EventChunk.FromMessage(message);
            problem ??= name is null ? "It has no partition key, and the host does not say its partition." : ChunkVerifier.Problem(chunk!);
            if (problem is null)
            {
                readable.Add(new(name!, message.SequenceNumber, message.EnqueuedTime, chunk!));
            }
            else if (await deadLetters.StoreAsync(message, name ?? "unknown", problem, cancellationToken))
            {
                metrics.DeadLettered();
                log.DeadLettered(name ?? "unknown", message.SequenceNumber, problem);
            }
        }

        if (readable.Count > 0)
        {
            await AppendAsync(readable, partition, cancellationToken);
        }
    }

    private async Task AppendAsync(List<HubMessage> messages, string? partition, CancellationToken cancellationToken)
    {
        try
        {
            var appended = await lake.AppendAsync(messages, cancellationToken);
            metrics.Persisted(appended.Events, appended.Repeated, messages.Sum(m => (long)m.Chunk.Body.Length));
            log.Persisted(partition ?? "by key", appended.Messages, appended.Events);
        }
        finally
        {
            // Also when it failed: else a partition that is stuck would not be seen beside those that go on.
            var now = time.GetUtcNow().UtcDateTime;
            messages.ForEach(message => metrics.Appended(now - message.Chunk.ReceivedAt));
        }
    }
}
