using Amqp;
using Azure.Messaging.EventHubs.Consumer;

namespace Azure.Messaging.EventHubs.Wire;

/// <summary>How far a partition was read, and the link on which reading goes on. For one caller at a time.</summary>
internal sealed class PartitionReading(
    string address,
    EventPosition position,
    long? ownerLevel,
    int prefetchCount,
    string identifier,
    TimeProvider clock)
{
    private EventPosition _position = position;
    private ReceiveLink? _link;
    private AmqpException? _stolen;

    public async Task<IEnumerable<EventData>> ReceiveAsync(
        ConnectionScope connection,
        int maximumEventCount,
        TimeSpan maximumWaitTime,
        CancellationToken cancellationToken)
    {
        if (_stolen is not null)
        {
            // Reading on would steal the partition back.
            throw new AmqpException(_stolen.Error);
        }

        _link ??= await connection.ReceiverAsync(address, _position.Filter, ownerLevel, identifier, cancellationToken);
        IReadOnlyList<Message> messages;
        try
        {
            messages = await _link.ReceiveAsync(maximumEventCount, prefetchCount, maximumWaitTime, clock, cancellationToken);
        }
        catch (AmqpException exception)
        {
            _stolen = exception.Error?.Condition?.ToString() == ErrorCode.Stolen ? exception : null;
            _ = _link.CloseAsync();
            _link = null;
            throw;
        }

        if (messages.Count == 0)
        {
            return [];
        }

        var events = new EventData[messages.Count];
        for (var i = 0; i < events.Length; i++)
        {
            events[i] = MessageDecoder.ToEvent(messages[i]);
        }

        _position = After(events[^1]);
        return events;
    }

    private static EventPosition After(EventData last) => last.OffsetString is { } offset
        ? EventPosition.FromOffset(offset, isInclusive: false)
        : EventPosition.FromSequenceNumber(last.SequenceNumber, isInclusive: false);
}
