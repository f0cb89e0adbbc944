namespace Kixo.EventHubsEmulator.Storage;

/// <summary>An event to append: its encoded AMQP message as received.</summary>
internal readonly record struct NewEvent(string? PartitionKey, ReadOnlyMemory<byte> Message);

/// <summary>An event as it stands in a partition; <paramref name="Next"/> is the offset behind it.</summary>
internal readonly record struct StoredEvent(
    long SequenceNumber, long Offset, long Next, DateTimeOffset EnqueuedTime, string? PartitionKey, ReadOnlyMemory<byte> Message);

/// <summary>How far a partition goes: <paramref name="Position"/> is where the next record will be, the rest tells of the last event.</summary>
internal sealed record LogEnd(long Position, long SequenceNumber, long Offset, long EnqueuedMilliseconds);
