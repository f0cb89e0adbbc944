using System.Globalization;
using System.Runtime.InteropServices;
using Amqp;
using Amqp.Framing;
using Amqp.Types;
using Kixo.EventHubsEmulator.Storage;

namespace Kixo.EventHubsEmulator.Links;

/// <summary>Events as they come in and go out: everything but annotations stays byte for byte.</summary>
internal static class EventMessage
{
    /// <summary>Event Hubs' limit on the Standard tier.</summary>
    public const int MaxBytes = 1024 * 1024;

    /// <summary>Each data section holds one encoded message.</summary>
    private const uint BatchFormat = 0x80013700;

    private const int MaxPartitionKeyLength = 128;
    private const int AnnotationsEstimate = 256;
    private static readonly Symbol PartitionKey = new("x-opt-partition-key");
    private static readonly Symbol SequenceNumber = new("x-opt-sequence-number");
    private static readonly Symbol Offset = new("x-opt-offset");
    private static readonly Symbol EnqueuedTime = new("x-opt-enqueued-time");

    /// <summary>The events of a received message, one or a batch.</summary>
    /// <exception cref="InvalidDataException">It is no AMQP message.</exception>
    public static NewEvent[] Unpack(RawMessage message) => message.Format == BatchFormat
        ? [.. MessageSections.Read(message.Bytes).Where(section => section.IsData).Select(section => Single(section.Binary))]
        : [Single(message.Bytes)];

    /// <summary>The key that routes the message: the first event's, which clients repeat on a batch.</summary>
    public static string? RoutingKey(RawMessage message, NewEvent[] events) =>
        KeyOf(message.Bytes) ?? events.FirstOrDefault().PartitionKey;

    /// <summary>The event as a receiver gets it.</summary>
    /// <param name="stored">What the partition holds.</param>
    /// <param name="runtime">The partition's end, for receivers that asked for it.</param>
    public static ByteBuffer Pack(StoredEvent stored, DeliveryAnnotations? runtime)
    {
        var received = DecodeBrokerPart(stored.Message, out var length);
        var annotations = received.MessageAnnotations ?? new();
        annotations[SequenceNumber] = stored.SequenceNumber;
        annotations[Offset] = stored.Offset.ToString(CultureInfo.InvariantCulture);
        annotations[EnqueuedTime] = stored.EnqueuedTime.UtcDateTime;
        if (stored.PartitionKey is { } key)
        {
            annotations[PartitionKey] = key;
        }

        // Not Message.Encode: it adds a null value where the body is missing.
        var rest = stored.Message.Span[length..];
        var packed = new ByteBuffer(AnnotationsEstimate + rest.Length, autoGrow: true);
        received.Header?.Encode(packed);
        runtime?.Encode(packed);
        annotations.Encode(packed);
        packed.ValidateWrite(rest.Length);
        rest.CopyTo(packed.Buffer.AsSpan(packed.WritePos));
        packed.Append(rest.Length);
        return packed;
    }

    private static NewEvent Single(ReadOnlyMemory<byte> message) => new(KeyOf(message), message);

    private static string? KeyOf(ReadOnlyMemory<byte> message) =>
        DecodeBrokerPart(message, out _).MessageAnnotations?[PartitionKey] switch
        {
            string { Length: > MaxPartitionKeyLength } => throw new InvalidDataException($"A partition key has at most {MaxPartitionKeyLength} characters."),
            string { Length: > 0 } key => key,
            _ => null,
        };

    private static Message DecodeBrokerPart(ReadOnlyMemory<byte> message, out int length)
    {
        length = MessageSections.Read(message).TakeWhile(section => section.IsBrokerPart).Sum(section => section.Encoded.Length);
        MemoryMarshal.TryGetArray(message, out var bytes);
        return Message.Decode(new(bytes.Array, bytes.Offset, length, length));
    }
}
