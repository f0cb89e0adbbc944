using Amqp;

namespace Azure.Messaging.EventHubs.Wire;

/// <summary>What is in an <see cref="Producer.EventDataBatch"/>.</summary>
internal interface IBatchContent
{
    int Count { get; }

    long MaximumSizeInBytes { get; }

    long SizeInBytes { get; }

    bool TryAdd(EventData eventData);

    /// <summary>A new message each time: a message is sent once.</summary>
    Message ToMessage();
}
