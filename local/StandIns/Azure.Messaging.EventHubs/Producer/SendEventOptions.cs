namespace Azure.Messaging.EventHubs.Producer;

/// <summary>Where events go: to one partition, to the partition of a key, or, with neither, to any.</summary>
public class SendEventOptions
{
    public string? PartitionId { get; set; }

    public string? PartitionKey { get; set; }
}
