namespace Azure.Messaging.EventHubs.Primitives;

public class PartitionReceiverOptions
{
    private int _prefetchCount = 300;

    public EventHubConnectionOptions ConnectionOptions { get; set; } = new();

    public EventHubsRetryOptions RetryOptions { get; set; } = new();

    /// <summary>Names this receiver to the service; a new GUID by default.</summary>
    public string? Identifier { get; set; }

    /// <summary>Claims the partition: of the receivers of a consumer group, only the one with the highest level stays.</summary>
    public long? OwnerLevel { get; set; }

    /// <summary>How many events are asked for ahead: 300 by default, 0 for only as many as are wanted at once.</summary>
    public int PrefetchCount
    {
        get => _prefetchCount;
        set
        {
            ArgumentOutOfRangeException.ThrowIfNegative(value);
            _prefetchCount = value;
        }
    }
}
