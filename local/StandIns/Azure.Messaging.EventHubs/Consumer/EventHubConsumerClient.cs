using Azure.Core;
using Azure.Messaging.EventHubs.Wire;

namespace Azure.Messaging.EventHubs.Consumer;

/// <summary>Asks about an event hub on behalf of a consumer group. Events are read with <see cref="Primitives.PartitionReceiver"/>.</summary>
public class EventHubConsumerClient : IAsyncDisposable
{
    public const string DefaultConsumerGroupName = "$Default";

    private readonly HubClient _client;

    /// <summary>For stubs, which override what they are asked.</summary>
    protected EventHubConsumerClient()
    {
        _client = null!;
        ConsumerGroup = null!;
    }

    public EventHubConsumerClient(string consumerGroup, string connectionString)
        : this(consumerGroup, connectionString, null, null)
    {
    }

    public EventHubConsumerClient(string consumerGroup, string connectionString, EventHubConsumerClientOptions? clientOptions)
        : this(consumerGroup, connectionString, null, clientOptions)
    {
    }

    public EventHubConsumerClient(string consumerGroup, string connectionString, string? eventHubName)
        : this(consumerGroup, connectionString, eventHubName, null)
    {
    }

    public EventHubConsumerClient(string consumerGroup, string connectionString, string? eventHubName, EventHubConsumerClientOptions? clientOptions)
        : this(consumerGroup, options => EventHubEndpoint.From(connectionString, eventHubName, options), clientOptions)
    {
    }

    public EventHubConsumerClient(
        string consumerGroup,
        string fullyQualifiedNamespace,
        string eventHubName,
        TokenCredential credential,
        EventHubConsumerClientOptions? clientOptions = null)
        : this(consumerGroup, options => EventHubEndpoint.From(fullyQualifiedNamespace, eventHubName, credential, options), clientOptions)
    {
    }

    private EventHubConsumerClient(string consumerGroup, Func<EventHubConnectionOptions, EventHubEndpoint> endpoint, EventHubConsumerClientOptions? clientOptions)
    {
        ArgumentException.ThrowIfNullOrEmpty(consumerGroup);
        var options = clientOptions ?? new EventHubConsumerClientOptions();
        ConsumerGroup = consumerGroup;
        _client = new HubClient(endpoint(options.ConnectionOptions), options.ConnectionOptions, options.RetryOptions, nameof(EventHubConsumerClient), options.Identifier);
    }

    public string FullyQualifiedNamespace => _client.Endpoint.FullyQualifiedNamespace;

    public string EventHubName => _client.Endpoint.EventHubName;

    public string ConsumerGroup { get; }

    public string Identifier => _client.Identifier;

    public bool IsClosed { get; protected set; }

    public virtual Task<EventHubProperties> GetEventHubPropertiesAsync(CancellationToken cancellationToken = default) =>
        _client.GetEventHubPropertiesAsync(cancellationToken);

    public virtual async Task<string[]> GetPartitionIdsAsync(CancellationToken cancellationToken = default) =>
        (await GetEventHubPropertiesAsync(cancellationToken)).PartitionIds;

    public virtual Task<PartitionProperties> GetPartitionPropertiesAsync(string partitionId, CancellationToken cancellationToken = default) =>
        _client.GetPartitionPropertiesAsync(partitionId, cancellationToken);

    public virtual Task CloseAsync(CancellationToken cancellationToken = default)
    {
        IsClosed = true;
        return _client is null ? Task.CompletedTask : _client.CloseAsync(cancellationToken);
    }

    public virtual async ValueTask DisposeAsync() => await CloseAsync();
}
