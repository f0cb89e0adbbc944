using Amqp;
using Azure.Messaging.EventHubs.Wire;

namespace Azure.Messaging.EventHubs.Producer;

/// <summary>Events that are sent together, and together stay under the service's size limit.</summary>
public sealed class EventDataBatch : IDisposable
{
    private readonly IBatchContent _content;
    private bool _isDisposed;

    internal EventDataBatch(IBatchContent content, SendEventOptions options)
    {
        _content = content;
        Options = options;
    }

    public int Count => _content.Count;

    public long MaximumSizeInBytes => _content.MaximumSizeInBytes;

    public long SizeInBytes => _content.SizeInBytes;

    internal SendEventOptions Options { get; }

    /// <returns>False when the event does not fit any more.</returns>
    public bool TryAdd(EventData eventData)
    {
        ArgumentNullException.ThrowIfNull(eventData);
        ObjectDisposedException.ThrowIf(_isDisposed, this);
        return _content.TryAdd(eventData);
    }

    public void Dispose() => _isDisposed = true;

    internal Message ToMessage()
    {
        ObjectDisposedException.ThrowIf(_isDisposed, this);
        return _content.ToMessage();
    }
}
