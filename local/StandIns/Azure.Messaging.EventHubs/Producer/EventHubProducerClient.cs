using Amqp;
using Azure.Core;
using Azure.Messaging.EventHubs.Wire;

namespace Azure.Messaging.EventHubs.Producer;

/// <summary>Sends events to an event hub. One for the whole process is right: it takes any number of calls at a time.</summary>
public class EventHubProducerClient : IAsyncDisposable
{
    private static readonly SendEventOptions AnyPartition = new();
    private readonly HubClient _client;

    /// <summary>For stubs, which override what they are asked.</summary>
    protected EventHubProducerClient() => _client = null!;

    public EventHubProducerClient(string connectionString)
        : this(connectionString, null, null)
    {
    }

    public EventHubProducerClient(string connectionString, EventHubProducerClientOptions? clientOptions)
        : this(connectionString, null, clientOptions)
    {
    }

    public EventHubProducerClient(string connectionString, string? eventHubName)
        : this(connectionString, eventHubName, null)
    {
    }

    public EventHubProducerClient(string connectionString, string? eventHubName, EventHubProducerClientOptions? clientOptions)
        : this(options => EventHubEndpoint.From(connectionString, eventHubName, options), clientOptions)
    {
    }

    public EventHubProducerClient(
        string fullyQualifiedNamespace,
        string eventHubName,
        AzureNamedKeyCredential credential,
        EventHubProducerClientOptions? clientOptions = null)
        : this(
            options => EventHubEndpoint.From(fullyQualifiedNamespace, eventHubName, new KeyAuthorization(credential, TimeProvider.System), options),
            clientOptions)
    {
        ArgumentNullException.ThrowIfNull(credential);
    }

    public EventHubProducerClient(
        string fullyQualifiedNamespace,
        string eventHubName,
        AzureSasCredential credential,
        EventHubProducerClientOptions? clientOptions = null)
        : this(options => EventHubEndpoint.From(fullyQualifiedNamespace, eventHubName, new SignatureAuthorization(credential), options), clientOptions)
    {
        ArgumentNullException.ThrowIfNull(credential);
    }

    public EventHubProducerClient(
        string fullyQualifiedNamespace,
        string eventHubName,
        TokenCredential credential,
        EventHubProducerClientOptions? clientOptions = null)
        : this(options => EventHubEndpoint.From(fullyQualifiedNamespace, eventHubName, credential, options), clientOptions)
    {
    }

    private EventHubProducerClient(Func<EventHubConnectionOptions, EventHubEndpoint> endpoint, EventHubProducerClientOptions? clientOptions)
    {
        var options = clientOptions ?? new EventHubProducerClientOptions();
        _client = new HubClient(endpoint(options.ConnectionOptions), options.ConnectionOptions, options.RetryOptions, nameof(EventHubProducerClient), options.Identifier);
    }

    public string FullyQualifiedNamespace => _client.Endpoint.FullyQualifiedNamespace;

    public string EventHubName => _client.Endpoint.EventHubName;

    public string Identifier => _client.Identifier;

    public bool IsClosed { get; protected set; }

    public virtual Task<EventHubProperties> GetEventHubPropertiesAsync(CancellationToken cancellationToken = default) =>
        _client.GetEventHubPropertiesAsync(cancellationToken);

    public virtual async Task<string[]> GetPartitionIdsAsync(CancellationToken cancellationToken = default) =>
        (await GetEventHubPropertiesAsync(cancellationToken)).PartitionIds;

    public virtual Task<PartitionProperties> GetPartitionPropertiesAsync(string partitionId, CancellationToken cancellationToken = default) =>
        _client.GetPartitionPropertiesAsync(partitionId, cancellationToken);

    public virtual Task SendAsync(IEnumerable<EventData> eventBatch, CancellationToken cancellationToken = default) =>
        SendAsync(eventBatch, AnyPartition, cancellationToken);

    /// <summary>Sends the events together: all are accepted or none. Once it has completed, the memory of their bodies is free.</summary>
    public virtual async Task SendAsync(IEnumerable<EventData> eventBatch, SendEventOptions options, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(eventBatch);
        options ??= AnyPartition;
        var partitionKey = options.PartitionKey;
        var address = Address(options);
        var events = eventBatch as IReadOnlyList<EventData> ?? [.. eventBatch];
        if (events.Count == 0)
        {
            return;
        }

        if (events.Count == 1)
        {
            var only = events[0];
            await SendAsync(() => MessageEncoder.ToMessage(only, partitionKey), MessageEncoder.MaximumSize(only, partitionKey), address, cancellationToken);
            return;
        }

        var batch = new EncodedBatch(partitionKey, long.MaxValue);
        foreach (var eventData in events)
        {
            batch.TryAdd(eventData);
        }

        await SendAsync(batch.ToMessage, batch.SizeInBytes, address, cancellationToken);
    }

    public virtual async Task SendAsync(EventDataBatch eventBatch, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(eventBatch);
        if (eventBatch.Count > 0)
        {
            await SendAsync(eventBatch.ToMessage, eventBatch.SizeInBytes, Address(eventBatch.Options), cancellationToken);
        }
    }

    public virtual ValueTask<EventDataBatch> CreateBatchAsync(CancellationToken cancellationToken = default) =>
        CreateBatchAsync(new CreateBatchOptions(), cancellationToken);

    public virtual async ValueTask<EventDataBatch> CreateBatchAsync(CreateBatchOptions options, CancellationToken cancellationToken = default)
    {
        options ??= new CreateBatchOptions();
        var address = Address(options);
        var limit = await _client.RunAsync(
            async (connection, token) => (await connection.SenderAsync(address, token)).MaximumMessageSize, cancellationToken);
        if (options.MaximumSizeInBytes > limit)
        {
            throw new ArgumentOutOfRangeException(nameof(options), options.MaximumSizeInBytes, $"The event hub takes no more than {limit} bytes at once.");
        }

        var placement = new SendEventOptions { PartitionId = options.PartitionId, PartitionKey = options.PartitionKey };
        return new EventDataBatch(new EncodedBatch(options.PartitionKey, options.MaximumSizeInBytes ?? limit), placement);
    }

    public virtual Task CloseAsync(CancellationToken cancellationToken = default)
    {
        IsClosed = true;
        return _client is null ? Task.CompletedTask : _client.CloseAsync(cancellationToken);
    }

    public virtual async ValueTask DisposeAsync() => await CloseAsync();

    private string Address(SendEventOptions options)
    {
        if (string.IsNullOrEmpty(options.PartitionId))
        {
            return EventHubName;
        }

        return string.IsNullOrEmpty(options.PartitionKey)
            ? $"{EventHubName}/Partitions/{options.PartitionId}"
            : throw new InvalidOperationException("Events can go to a partition or to the partition of a key, not to both: set PartitionId or PartitionKey.");
    }

    private Task<bool> SendAsync(Func<Message> message, long sizeBound, string address, CancellationToken cancellationToken) => _client.RunAsync(
        async (connection, token) =>
        {
            var link = await connection.SenderAsync(address, token);
            if (sizeBound > link.MaximumMessageSize && message().Encode().Length is var size && size > link.MaximumMessageSize)
            {
                throw new EventHubsException(
                    false,
                    EventHubName,
                    $"The message is {size} bytes long. The event hub takes no more than {link.MaximumMessageSize} at once.",
                    EventHubsException.FailureReason.MessageSizeExceeded);
            }

            await link.SendAsync(message(), token);
            return true;
        },
        cancellationToken);
}
