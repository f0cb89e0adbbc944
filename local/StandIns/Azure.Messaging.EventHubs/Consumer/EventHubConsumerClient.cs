using Azure.Core;

namespace Azure.Messaging.EventHubs.Consumer;

/// <summary>Asks about an event hub on behalf of a consumer group.</summary>
public class EventHubConsumerClient : IAsyncDisposable
{
    public const string DefaultConsumerGroupName = "$Default";

    protected EventHubConsumerClient()
    {
    }

    public EventHubConsumerClient(string consumerGroup, string connectionString) => throw new NotImplementedException();

    public EventHubConsumerClient(string consumerGroup, string connectionString, EventHubConsumerClientOptions? clientOptions) => throw new NotImplementedException();

    public EventHubConsumerClient(string consumerGroup, string connectionString, string? eventHubName) => throw new NotImplementedException();

    public EventHubConsumerClient(string consumerGroup, string connectionString, string? eventHubName, EventHubConsumerClientOptions? clientOptions) => throw new NotImplementedException();

    public EventHubConsumerClient(string consumerGroup, string fullyQualifiedNamespace, string eventHubName, TokenCredential credential, EventHubConsumerClientOptions? clientOptions = null) => throw new NotImplementedException();

    public string FullyQualifiedNamespace => throw new NotImplementedException();

    public string EventHubName => throw new NotImplementedException();

    public string ConsumerGroup => throw new NotImplementedException();

    public string Identifier => throw new NotImplementedException();

    public bool IsClosed { get; protected set; }

    public virtual Task<EventHubProperties> GetEventHubPropertiesAsync(CancellationToken cancellationToken = default) => throw new NotImplementedException();

    public virtual Task<string[]> GetPartitionIdsAsync(CancellationToken cancellationToken = default) => throw new NotImplementedException();

    public virtual Task<PartitionProperties> GetPartitionPropertiesAsync(string partitionId, CancellationToken cancellationToken = default) => throw new NotImplementedException();

    public virtual Task CloseAsync(CancellationToken cancellationToken = default) => throw new NotImplementedException();

    public virtual ValueTask DisposeAsync() => throw new NotImplementedException();
}
