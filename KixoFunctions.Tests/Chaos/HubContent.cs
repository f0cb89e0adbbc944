using System.Globalization;
using Azure.Messaging.EventHubs;
using Azure.Messaging.EventHubs.Consumer;
using Azure.Messaging.EventHubs.Primitives;
using Azure.Storage.Blobs;
using Azure.Storage.Blobs.Models;

namespace Kixo.Tests.Chaos;

/// <summary>What the hub holds, and how far the app is with it.</summary>
internal sealed class HubContent(string eventHub, string storage)
{
    // The app's own group lets nobody read beside it.
    private const string Group = "audit";

    /// <summary>Waits until every message is behind the checkpoints.</summary>
    public async Task DrainedAsync()
    {
        var start = TimeProvider.System.GetTimestamp();
        while (await LagAsync() is > 0 and var lag)
        {
            Assert.True(TimeProvider.System.GetElapsedTime(start) < ChaosOptions.Patience, $"{lag} messages still wait in the hub after {ChaosOptions.Patience.TotalMinutes} minutes.");
            await Task.Delay(TimeSpan.FromSeconds(0.5), TimeProvider.System, CancellationToken.None);
        }
    }

    /// <summary>Messages that no checkpoint has passed.</summary>
    public async Task<long> LagAsync()
    {
        var checkpoints = await CheckpointsAsync();
        return (await PartitionsAsync()).Where(partition => !partition.IsEmpty)
            .Sum(partition => partition.LastEnqueuedSequenceNumber - checkpoints.GetValueOrDefault(partition.Id, partition.BeginningSequenceNumber - 1));
    }

    /// <summary>Every message, partition by partition.</summary>
    public async IAsyncEnumerable<EventData> ReadAsync()
    {
        foreach (var partition in await PartitionsAsync())
        {
            var position = partition.BeginningSequenceNumber - 1;
            await using var receiver = new PartitionReceiver(Group, partition.Id, EventPosition.Earliest, eventHub, EventChunk.Hub);
            while (!partition.IsEmpty && position < partition.LastEnqueuedSequenceNumber)
            {
                foreach (var message in await receiver.ReceiveBatchAsync(100, TimeSpan.FromSeconds(10)))
                {
                    position = message.SequenceNumber;
                    yield return message;
                }
            }
        }
    }

    private async Task<IReadOnlyList<PartitionProperties>> PartitionsAsync()
    {
        await using var consumer = new EventHubConsumerClient(Group, eventHub, EventChunk.Hub);
        var all = new List<PartitionProperties>();
        foreach (var id in await consumer.GetPartitionIdsAsync())
        {
            all.Add(await consumer.GetPartitionPropertiesAsync(id));
        }

        return all;
    }

    /// <summary>As the host keeps them.</summary>
    private async Task<Dictionary<string, long>> CheckpointsAsync()
    {
        var container = new BlobContainerClient(storage, "azure-webjobs-eventhub");
        var all = new Dictionary<string, long>();
        await foreach (var blob in container.GetBlobsAsync(BlobTraits.Metadata, BlobStates.None, prefix: null, CancellationToken.None))
        {
            if (blob.Name.Split('/') is [.., "checkpoint", var partition] && blob.Metadata.TryGetValue("sequencenumber", out var sequence))
            {
                all[partition] = long.Parse(sequence, CultureInfo.InvariantCulture);
            }
        }

        return all;
    }
}
