using Amqp;

namespace Azure.Messaging.EventHubs.Wire;

/// <summary>Events as they will be sent: encoded when they are added, so that the size is known.</summary>
internal sealed class EncodedBatch : IBatchContent
{
    private readonly string? _partitionKey;
    private readonly List<ArraySegment<byte>> _events = [];

    public EncodedBatch(string? partitionKey, long maximumSizeInBytes)
    {
        _partitionKey = partitionKey;
        MaximumSizeInBytes = maximumSizeInBytes;
        SizeInBytes = partitionKey is null ? 0 : MessageEncoder.ToBatch([ArraySegment<byte>.Empty], partitionKey).Encode().Length;
    }

    public int Count => _events.Count;

    public long MaximumSizeInBytes { get; }

    public long SizeInBytes { get; private set; }

    public bool TryAdd(EventData eventData)
    {
        var encoded = MessageEncoder.Encode(eventData, _partitionKey);
        var size = SizeInBytes + encoded.Count + SectionOverhead(encoded.Count);
        if (size > MaximumSizeInBytes)
        {
            return false;
        }

        _events.Add(encoded);
        SizeInBytes = size;
        return true;
    }

    public Message ToMessage() =>
        _events.Count == 1 ? Message.Decode(MessageEncoder.View(_events[0])) : MessageEncoder.ToBatch(_events, _partitionKey);

    /// <summary>A data section: three bytes that say so, one of the type, one or four of the length.</summary>
    private static int SectionOverhead(int length) => length <= byte.MaxValue ? 5 : 8;
}
