using System.IO.Compression;
using System.Text.Json;
using Azure.Messaging.EventHubs;
using Azure.Messaging.EventHubs.Consumer;
using Azure.Messaging.EventHubs.Primitives;
using Azure.Storage.Blobs;
using Azure.Storage.Blobs.Specialized;
using Kixo.Persistence;

namespace Kixo.Benchmarks.Naive;

/// <summary>
/// Appends the hub's messages to a blob an hour, project and partition, as many at a time as the trigger gives by default. The
/// blobs are named and compressed like the lake's, so that <c>kixo load --verify</c> finds them.
/// </summary>
internal sealed class NaiveReader(string eventHub, BlobServiceClient blobs)
{
    private const int MessagesAtATime = 100; // extensions.eventHubs.maxEventBatchSize in host.json

    private static readonly TimeSpan Wait = TimeSpan.FromSeconds(1);

    private readonly BlobContainerClient _container = blobs.GetBlobContainerClient(LakePath.Container);

    public async Task RunAsync(CancellationToken cancellationToken)
    {
        await using var consumer = new EventHubConsumerClient(EventHubConsumerClient.DefaultConsumerGroupName, eventHub, EventChunk.Hub);
        var partitions = await consumer.GetPartitionIdsAsync(cancellationToken);
        try
        {
            await Task.WhenAll(partitions.Select(partition => ReadAsync(consumer, partition, cancellationToken)));
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            // Asked to stop.
        }
    }

    private async Task ReadAsync(EventHubConsumerClient consumer, string partition, CancellationToken cancellationToken)
    {
        var last = (await consumer.GetPartitionPropertiesAsync(partition, cancellationToken)).LastEnqueuedSequenceNumber;
        await using var receiver = new PartitionReceiver(
            EventHubConsumerClient.DefaultConsumerGroupName, partition, EventPosition.FromSequenceNumber(last, isInclusive: false), eventHub, EventChunk.Hub);
        while (true)
        {
            var messages = await receiver.ReceiveBatchAsync(MessagesAtATime, Wait, cancellationToken);
            foreach (var blob in messages.GroupBy(message => BlobOf(message, partition)))
            {
                await AppendAsync(blob.Key, blob, cancellationToken);
            }
        }
    }

    private async Task AppendAsync(string name, IEnumerable<EventData> messages, CancellationToken cancellationToken)
    {
        using var block = new MemoryStream();
        using (var gzip = new GZipStream(block, CompressionLevel.Fastest, leaveOpen: true))
        {
            foreach (var message in messages)
            {
                gzip.Write(message.EventBody);
                gzip.WriteByte((byte)'\n');
            }
        }

        block.Position = 0;
        var blob = _container.GetAppendBlobClient(name);
        await blob.CreateIfNotExistsAsync(cancellationToken: cancellationToken);
        await blob.AppendBlockAsync(block, cancellationToken: cancellationToken);
    }

    private static string BlobOf(EventData message, string partition)
    {
        using var stored = JsonDocument.Parse(message.EventBody);
        var text = (string name) => stored.RootElement.GetProperty(name).GetString()!;
        var folder = LakePath.HourFolder(text("project_id"), text("environment"), stored.RootElement.GetProperty("received_at").GetDateTimeOffset().UtcDateTime);
        return LakePath.Blob(folder, partition, 0, ChunkEncoding.Gzip);
    }
}
