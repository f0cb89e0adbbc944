using Azure.Core;
using Azure.Messaging.EventHubs.Consumer;

namespace Azure.Messaging.EventHubs.Primitives;

/// <summary>Reads one partition, in order, batch by batch. One call at a time.</summary>
public class PartitionReceiver : IAsyncDisposable
{
    protected PartitionReceiver()
    {
    }

    public PartitionReceiver(string consumerGroup, string partitionId, EventPosition eventPosition, string connectionString, PartitionReceiverOptions? options = null) => throw new NotImplementedException();

    public PartitionReceiver(string consumerGroup, string partitionId, EventPosition eventPosition, string connectionString, string? eventHubName, PartitionReceiverOptions? options = null) => throw new NotImplementedException();

    public PartitionReceiver(string consumerGroup, string partitionId, EventPosition eventPosition, string fullyQualifiedNamespace, string eventHubName, TokenCredential credential, PartitionReceiverOptions? options = null) => throw new NotImplementedException();

    public string FullyQualifiedNamespace => throw new NotImplementedException();

    public string EventHubName => throw new NotImplementedException();

    public string ConsumerGroup => throw new NotImplementedException();

    public string PartitionId => throw new NotImplementedException();

    public EventPosition InitialPosition => throw new NotImplementedException();

    public string Identifier => throw new NotImplementedException();

    public bool IsClosed { get; protected set; }

    public virtual Task<IEnumerable<EventData>> ReceiveBatchAsync(int maximumEventCount, CancellationToken cancellationToken = default) => throw new NotImplementedException();

    public virtual Task<IEnumerable<EventData>> ReceiveBatchAsync(int maximumEventCount, TimeSpan maximumWaitTime, CancellationToken cancellationToken = default) => throw new NotImplementedException();

    public virtual Task CloseAsync(CancellationToken cancellationToken = default) => throw new NotImplementedException();

    public virtual ValueTask DisposeAsync() => throw new NotImplementedException();
}
