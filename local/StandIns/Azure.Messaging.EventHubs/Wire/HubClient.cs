using System.Globalization;
using Amqp.Types;

namespace Azure.Messaging.EventHubs.Wire;

/// <summary>What the public clients have in common: a connection, tries, and questions about the hub.</summary>
internal sealed class HubClient
{
    private readonly ConnectionScope _connection;
    private readonly Retries _retries;
    private readonly string _name;
    private volatile bool _isClosed;

    /// <param name="endpoint">The hub.</param>
    /// <param name="connectionOptions">How to connect.</param>
    /// <param name="retryOptions">How often to try.</param>
    /// <param name="name">What kind of client it is, for messages.</param>
    /// <param name="identifier">The client's own name; a GUID when it has none.</param>
    public HubClient(EventHubEndpoint endpoint, EventHubConnectionOptions connectionOptions, EventHubsRetryOptions retryOptions, string name, string? identifier)
    {
        Endpoint = endpoint;
        Identifier = string.IsNullOrEmpty(identifier) ? Guid.NewGuid().ToString() : identifier;
        _name = name;
        _connection = new ConnectionScope(endpoint, connectionOptions);
        _retries = new Retries(retryOptions, endpoint.EventHubName, TimeProvider.System);
    }

    public EventHubEndpoint Endpoint { get; }

    public string Identifier { get; }

    public TimeSpan TryTimeout => _retries.TryTimeout;

    /// <summary>Tries until it succeeds, or the policy or the caller gives up. Failures come out as the public clients throw them.</summary>
    public Task<T> RunAsync<T>(Func<ConnectionScope, CancellationToken, Task<T>> tryOnce, CancellationToken cancellationToken, TimeSpan extraTime = default) =>
        _retries.RunAsync(token => tryOnce(_connection, token), () => _isClosed ? Closed() : null, extraTime, cancellationToken);

    public async Task<EventHubProperties> GetEventHubPropertiesAsync(CancellationToken cancellationToken)
    {
        var map = await RunAsync((connection, token) => connection.ReadPropertiesAsync("com.microsoft:eventhub", null, token), cancellationToken);
        return new EventHubProperties((string)map["name"], Time(map["created_at"]), (string[])map["partition_ids"]);
    }

    public async Task<PartitionProperties> GetPartitionPropertiesAsync(string partitionId, CancellationToken cancellationToken)
    {
        ArgumentException.ThrowIfNullOrEmpty(partitionId);
        var map = await RunAsync((connection, token) => connection.ReadPropertiesAsync("com.microsoft:partition", partitionId, token), cancellationToken);
        return new PartitionProperties(
            (string)map["name"],
            (string)map["partition"],
            (bool)map["is_partition_empty"],
            Number(map, "begin_sequence_number"),
            Number(map, "last_enqueued_sequence_number"),
            (string)map["last_enqueued_offset"],
            Time(map["last_enqueued_time_utc"]));
    }

    public Task CloseAsync(CancellationToken cancellationToken)
    {
        _isClosed = true;
        return _connection.CloseAsync(cancellationToken);
    }

    private static long Number(Map map, string name) => Convert.ToInt64(map[name], CultureInfo.InvariantCulture);

    private static DateTimeOffset Time(object? value) => value is DateTime time ? new DateTimeOffset(time.ToUniversalTime()) : default;

    private EventHubsException Closed() => new(
        false, Endpoint.EventHubName, $"The {_name} has been closed and can no longer be used.", EventHubsException.FailureReason.ClientClosed);
}
