using Azure.Core;

namespace Azure.Messaging.EventHubs.Producer;

public class EventHubProducerClient : IAsyncDisposable
{
    protected EventHubProducerClient()
    {
    }

    public EventHubProducerClient(string connectionString) => throw new NotImplementedException();

    public EventHubProducerClient(string connectionString, EventHubProducerClientOptions? clientOptions) => throw new NotImplementedException();

    public EventHubProducerClient(string connectionString, string? eventHubName) => throw new NotImplementedException();

    public EventHubProducerClient(string connectionString, string? eventHubName, EventHubProducerClientOptions? clientOptions) => throw new NotImplementedException();

    public EventHubProducerClient(string fullyQualifiedNamespace, string eventHubName, AzureNamedKeyCredential credential, EventHubProducerClientOptions? clientOptions = null) => throw new NotImplementedException();

    public EventHubProducerClient(string fullyQualifiedNamespace, string eventHubName, AzureSasCredential credential, EventHubProducerClientOptions? clientOptions = null) => throw new NotImplementedException();

    public EventHubProducerClient(string fullyQualifiedNamespace, string eventHubName, TokenCredential credential, EventHubProducerClientOptions? clientOptions = null) => throw new NotImplementedException();

    public string FullyQualifiedNamespace => throw new NotImplementedException();

    public string EventHubName => throw new NotImplementedException();

    public string Identifier => throw new NotImplementedException();

    public bool IsClosed { get; protected set; }

    public virtual Task<EventHubProperties> GetEventHubPropertiesAsync(CancellationToken cancellationToken = default) => throw new NotImplementedException();

    public virtual Task<string[]> GetPartitionIdsAsync(CancellationToken cancellationToken = default) => throw new NotImplementedException();

    public virtual Task<PartitionProperties> GetPartitionPropertiesAsync(string partitionId, CancellationToken cancellationToken = default) => throw new NotImplementedException();

    public virtual Task SendAsync(IEnumerable<EventData> eventBatch, CancellationToken cancellationToken = default) => throw new NotImplementedException();

    public virtual Task SendAsync(IEnumerable<EventData> eventBatch, SendEventOptions options, CancellationToken cancellationToken = default) => throw new NotImplementedException();

    public virtual Task SendAsync(EventDataBatch eventBatch, CancellationToken cancellationToken = default) => throw new NotImplementedException();

    public virtual ValueTask<EventDataBatch> CreateBatchAsync(CancellationToken cancellationToken = default) => throw new NotImplementedException();

    public virtual ValueTask<EventDataBatch> CreateBatchAsync(CreateBatchOptions options, CancellationToken cancellationToken = default) => throw new NotImplementedException();

    public virtual Task CloseAsync(CancellationToken cancellationToken = default) => throw new NotImplementedException();

    public virtual ValueTask DisposeAsync() => throw new NotImplementedException();
}
