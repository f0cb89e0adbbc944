using Kixo.EventHubsEmulator.Wire;

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

    /// <summary>Sees that all of the message can be decoded without harm.</summary>
    /// <exception cref="InvalidDataException">It is no AMQP message.</exception>
    public static void Validate(ReadOnlyMemory<byte> message)
    {
        foreach (var _ in Read(message))
        {
            // Each section is measured as it is read.
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
        var end = start + EncodedValue.Measure(bytes[start..]);
        return new(code, message[..end], message[start..end]);
    }
}
