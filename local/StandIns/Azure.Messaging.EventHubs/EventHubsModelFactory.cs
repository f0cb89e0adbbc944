using Azure.Core.Amqp;
using Azure.Messaging.EventHubs.Producer;
using Azure.Messaging.EventHubs.Wire;

namespace Azure.Messaging.EventHubs;

/// <summary>Makes, for tests, what only the service makes otherwise.</summary>
public static class EventHubsModelFactory
{
    public static EventData EventData(
        BinaryData eventBody,
        IDictionary<string, object>? properties = null,
        IReadOnlyDictionary<string, object>? systemProperties = null,
        string? partitionKey = null,
        long sequenceNumber = long.MinValue,
        string? offsetString = null,
        DateTimeOffset enqueuedTime = default)
    {
        ArgumentNullException.ThrowIfNull(eventBody);
        var message = new AmqpAnnotatedMessage(AmqpMessageBody.FromData([eventBody.ToMemory()]));
        foreach (var (name, value) in properties ?? new Dictionary<string, object>())
        {
            message.ApplicationProperties[name] = value;
        }

        if (partitionKey is not null)
        {
            message.MessageAnnotations[Annotations.PartitionKey] = partitionKey;
        }

        if (sequenceNumber != long.MinValue)
        {
            message.MessageAnnotations[Annotations.SequenceNumber] = sequenceNumber;
        }

        if (offsetString is not null)
        {
            message.MessageAnnotations[Annotations.Offset] = offsetString;
        }

        if (enqueuedTime != default)
        {
            message.MessageAnnotations[Annotations.EnqueuedTime] = enqueuedTime;
        }

        return new EventData(message, systemProperties);
    }

    /// <param name="batchSizeBytes">What the batch gives as its size.</param>
    /// <param name="batchEventStore">Where added events go: the caller can look at them there.</param>
    /// <param name="batchOptions">What the batch is made with.</param>
    /// <param name="tryAddCallback">Whether an event is taken; all are by default.</param>
    public static EventDataBatch EventDataBatch(
        long batchSizeBytes,
        IList<EventData> batchEventStore,
        CreateBatchOptions? batchOptions = null,
        Func<EventData, bool>? tryAddCallback = null)
    {
        ArgumentNullException.ThrowIfNull(batchEventStore);
        var options = batchOptions ?? new CreateBatchOptions();
        var content = new ListBatch(
            batchSizeBytes, batchEventStore, options.MaximumSizeInBytes ?? long.MaxValue, options.PartitionKey, tryAddCallback ?? (_ => true));
        return new EventDataBatch(content, options);
    }

    public static EventHubProperties EventHubProperties(string name, DateTimeOffset createdOn, string[] partitionIds) =>
        new(name, createdOn, partitionIds);

    public static PartitionProperties PartitionProperties(
        string eventHubName,
        string partitionId,
        bool isEmpty,
        long beginningSequenceNumber,
        long lastSequenceNumber,
        string lastOffsetString,
        DateTimeOffset lastEnqueuedTime) =>
        new(eventHubName, partitionId, isEmpty, beginningSequenceNumber, lastSequenceNumber, lastOffsetString, lastEnqueuedTime);
}
