using Azure.Core;
using Azure.Messaging.EventHubs.Consumer;
using Azure.Messaging.EventHubs.Wire;

namespace Azure.Messaging.EventHubs.Primitives;

/// <summary>Reads one partition, in order, batch by batch. One call at a time.</summary>
public class PartitionReceiver : IAsyncDisposable
{
    private readonly HubClient _client;
    private readonly PartitionReading _reading;

    /// <summary>For stubs, which override what they are asked.</summary>
    protected PartitionReceiver()
    {
        _client = null!;
        _reading = null!;
        ConsumerGroup = null!;
        PartitionId = null!;
    }

    public PartitionReceiver(
        string consumerGroup,
        string partitionId,
        EventPosition eventPosition,
        string connectionString,
        PartitionReceiverOptions? options = null)
        : this(consumerGroup, partitionId, eventPosition, connectionString, null, options)
    {
    }

    public PartitionReceiver(
        string consumerGroup,
        string partitionId,
        EventPosition eventPosition,
        string connectionString,
        string? eventHubName,
        PartitionReceiverOptions? options = null)
        : this(consumerGroup, partitionId, eventPosition, connection => EventHubEndpoint.From(connectionString, eventHubName, connection), options)
    {
    }

    public PartitionReceiver(
        string consumerGroup,
        string partitionId,
        EventPosition eventPosition,
        string fullyQualifiedNamespace,
        string eventHubName,
        TokenCredential credential,
        PartitionReceiverOptions? options = null)
        : this(
            consumerGroup,
            partitionId,
            eventPosition,
            connection => EventHubEndpoint.From(fullyQualifiedNamespace, eventHubName, credential, connection),
            options)
    {
    }

    private PartitionReceiver(
        string consumerGroup,
        string partitionId,
        EventPosition eventPosition,
        Func<EventHubConnectionOptions, EventHubEndpoint> endpoint,
        PartitionReceiverOptions? options)
    {
        ArgumentException.ThrowIfNullOrEmpty(consumerGroup);
        ArgumentException.ThrowIfNullOrEmpty(partitionId);
        options ??= new PartitionReceiverOptions();
        ConsumerGroup = consumerGroup;
        PartitionId = partitionId;
        InitialPosition = eventPosition;
        _client = new HubClient(endpoint(options.ConnectionOptions), options.ConnectionOptions, options.RetryOptions, nameof(PartitionReceiver), options.Identifier);
        _reading = new PartitionReading(
            $"{EventHubName}/ConsumerGroups/{consumerGroup}/Partitions/{partitionId}",
            eventPosition,
            options.OwnerLevel,
            options.PrefetchCount,
            _client.Identifier,
            TimeProvider.System);
    }

    public string FullyQualifiedNamespace => _client.Endpoint.FullyQualifiedNamespace;

    public string EventHubName => _client.Endpoint.EventHubName;

    public string ConsumerGroup { get; }

    public string PartitionId { get; }

    public EventPosition InitialPosition { get; }

    public string Identifier => _client.Identifier;

    public bool IsClosed { get; protected set; }

    /// <summary>Waits for events as long as one try may take.</summary>
    public virtual Task<IEnumerable<EventData>> ReceiveBatchAsync(int maximumEventCount, CancellationToken cancellationToken = default) =>
        ReceiveBatchAsync(maximumEventCount, _client.TryTimeout, cancellationToken);

    /// <summary>Takes what has come, and waits only when nothing has.</summary>
    /// <returns>The next events; none when none came in time.</returns>
    public virtual Task<IEnumerable<EventData>> ReceiveBatchAsync(int maximumEventCount, TimeSpan maximumWaitTime, CancellationToken cancellationToken = default)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(maximumEventCount, 1);
        ArgumentOutOfRangeException.ThrowIfLessThan(maximumWaitTime, TimeSpan.Zero);
        return _client.RunAsync(
            (connection, token) => _reading.ReceiveAsync(connection, maximumEventCount, maximumWaitTime, token), cancellationToken, maximumWaitTime);
    }

    public virtual Task CloseAsync(CancellationToken cancellationToken = default)
    {
        IsClosed = true;
        return _client is null ? Task.CompletedTask : _client.CloseAsync(cancellationToken);
    }

    public virtual async ValueTask DisposeAsync() => await CloseAsync();
}
