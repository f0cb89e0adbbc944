namespace Azure.Messaging.EventHubs.Producer;

/// <summary>Events that are sent together, and together stay under the service's size limit.</summary>
public sealed class EventDataBatch : IDisposable
{
    internal EventDataBatch(long sizeInBytes, IList<EventData> store, CreateBatchOptions options, Func<EventData, bool> tryAdd)
    {
        throw new NotImplementedException();
    }

    public int Count => throw new NotImplementedException();

    public long MaximumSizeInBytes => throw new NotImplementedException();

    public long SizeInBytes => throw new NotImplementedException();

    /// <returns>False when the event does not fit any more.</returns>
    public bool TryAdd(EventData eventData) => throw new NotImplementedException();

    public void Dispose() => throw new NotImplementedException();
}
