using Azure.Messaging.EventHubs;
using Azure.Messaging.EventHubs.Consumer;

namespace Microsoft.Azure.Functions.Worker.EventHubs;

/// <summary>The last event of a partition that is done with.</summary>
internal sealed record Checkpoint(string? Offset, long? SequenceNumber)
{
    public static Checkpoint After(EventData last) => new(last.OffsetString, last.SequenceNumber);

    /// <summary>Behind the checkpoint; without one, where host.json says a new consumer group starts.</summary>
    public static EventPosition StartPosition(Checkpoint? checkpoint, EventHubOptions.InitialOffset initial) => (checkpoint, initial.Type) switch
    {
        ({ Offset: { } offset }, _) => EventPosition.FromOffset(offset, isInclusive: false),
        ({ SequenceNumber: { } number }, _) => EventPosition.FromSequenceNumber(number, isInclusive: false),
        (_, EventHubOptions.InitialOffsetType.FromEnd) => EventPosition.Latest,
        (_, EventHubOptions.InitialOffsetType.FromEnqueuedTime) when initial.EnqueuedTimeUtc is { } time => EventPosition.FromEnqueuedTime(time),
        _ => EventPosition.Earliest,
    };
}
