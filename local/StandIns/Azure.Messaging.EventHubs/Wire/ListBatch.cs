using Amqp;

namespace Azure.Messaging.EventHubs.Wire;

/// <summary>Events in a list that a test owns, taken or not as the test says.</summary>
internal sealed class ListBatch(long sizeInBytes, IList<EventData> events, long maximumSizeInBytes, string? partitionKey, Func<EventData, bool> tryAdd)
    : IBatchContent
{
    public int Count => events.Count;

    public long MaximumSizeInBytes => maximumSizeInBytes;

    public long SizeInBytes => sizeInBytes;

    public bool TryAdd(EventData eventData)
    {
        if (!tryAdd(eventData))
        {
            return false;
        }

        events.Add(eventData);
        return true;
    }

    public Message ToMessage() => events.Count == 1
        ? MessageEncoder.ToMessage(events[0], partitionKey)
        : MessageEncoder.ToBatch([.. events.Select(each => MessageEncoder.Encode(each, partitionKey))], partitionKey);
}
