namespace Azure.Messaging.EventHubs.Wire;

/// <summary>The message annotations of Event Hubs.</summary>
internal static class Annotations
{
    public const string SequenceNumber = "x-opt-sequence-number";
    public const string Offset = "x-opt-offset";
    public const string EnqueuedTime = "x-opt-enqueued-time";
    public const string PartitionKey = "x-opt-partition-key";
}
