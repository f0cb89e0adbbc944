namespace Azure.Messaging.EventHubs;

public class EventHubProperties
{
    internal EventHubProperties(string name, DateTimeOffset createdOn, string[] partitionIds)
    {
        Name = name;
        CreatedOn = createdOn;
        PartitionIds = partitionIds;
    }

    public string Name { get; }

    public DateTimeOffset CreatedOn { get; }

    public string[] PartitionIds { get; }
}
