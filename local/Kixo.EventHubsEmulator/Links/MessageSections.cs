using System.Buffers.Binary;

namespace Kixo.EventHubsEmulator.Links;

/// <summary>One section of an encoded message; <paramref name="Encoded"/> is all of it, its descriptor too.</summary>
internal readonly record struct Section(byte Code, ReadOnlyMemory<byte> Encoded, ReadOnlyMemory<byte> Value)
{
    private const byte LastAnnotations = 0x72;
    private const byte DataCode = 0x75;

    /// <summary>Header, delivery annotations, message annotations: what a broker may change.</summary>
    public bool IsBrokerPart => Code <= LastAnnotations;

    public bool IsData => Code == DataCode;

    /// <summary>The bytes of a data section.</summary>
    public ReadOnlyMemory<byte> Binary => Value.Span[0] switch
    {
        0xA0 => Value[2..],
        0xB0 => Value[5..],
        _ => throw new InvalidDataException("A data section holds no binary."),
    };
}

/// <summary>Walks over an encoded message without decoding it (AMQP 1.0, parts 1.2 and 3.2).</summary>
internal static class MessageSections
{
    /// <exception cref="InvalidDataException">It is no AMQP message.</exception>
    public static IEnumerable<Section> Read(ReadOnlyMemory<byte> message)
    {
        while (message.Length > 0)
        {
            var section = ReadFirst(message);
            yield return section;
            message = message[section.Encoded.Length..];
        }
    }

    private static Section ReadFirst(ReadOnlyMemory<byte> message)
    {
        var bytes = message.Span;
        var (code, start) = bytes switch
        {
            [0x00, 0x53, var small, ..] => (small, 3),
            [0x00, 0x80, 0, 0, 0, 0, 0, 0, 0, var small, ..] => (small, 10),
            _ => throw new InvalidDataException("A message section has no known descriptor."),
        };
        var end = start + EncodedLength(bytes[start..]);
        return end <= bytes.Length
            ? new(code, message[..(int)end], message[start..(int)end])
            : throw new InvalidDataException("A message section is cut off.");
    }

    // The upper half of a value's constructor tells its width, or the width of the size that follows.
    private static long EncodedLength(ReadOnlySpan<byte> value) => (value.IsEmpty ? 0 : value[0] >> 4) switch
    {
        0x4 => 1,
        0x5 => 2,
        0x6 => 3,
        0x7 => 5,
        0x8 => 9,
        0x9 => 17,
        0xA or 0xC or 0xE when value.Length >= 2 => 2L + value[1],
        0xB or 0xD or 0xF when value.Length >= 5 => 5L + BinaryPrimitives.ReadUInt32BigEndian(value[1..]),
        _ => throw new InvalidDataException("A message section holds no AMQP value."),
    };
}
