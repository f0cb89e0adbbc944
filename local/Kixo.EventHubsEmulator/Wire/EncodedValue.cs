using System.Buffers.Binary;

namespace Kixo.EventHubsEmulator.Wire;

/// <summary>
/// Walks over encoded AMQP values (AMQP 1.0, part 1.6) without decoding them. AMQPNetLite decodes recursively and believes
/// what counts say: a peer could end the process with a deep nest, or fill its memory with a large array of nothing.
/// </summary>
internal static class EncodedValue
{
    /// <summary>What clients send nests less than ten deep.</summary>
    private const int MaxDepth = 32;

    private const byte Described = 0x00;
    private const byte EmptyList = 0x45;
    private const byte FirstCompound = 0xC0;
    private const byte FirstArray = 0xE0;

    /// <summary>The length of the value at the start, all that it holds checked.</summary>
    /// <exception cref="InvalidDataException">It is no AMQP value, is cut off or nests too deep.</exception>
    public static int Measure(ReadOnlySpan<byte> bytes) => Measure(bytes, MaxDepth);

    /// <summary>An item of an encoded list; empty when there are fewer.</summary>
    public static ReadOnlySpan<byte> Item(ReadOnlySpan<byte> list, int index)
    {
        var items = Items(list[0], list[1..], out var count);
        if (index >= count)
        {
            return default;
        }

        for (; index > 0; index--)
        {
            items = items[Measure(items)..];
        }

        return items[..Measure(items)];
    }

    public static uint? UInt(ReadOnlySpan<byte> value) => value switch
    {
        [0x43] => 0,
        [0x52, var small] => small,
        [0x70, _, _, _, _] => BinaryPrimitives.ReadUInt32BigEndian(value[1..]),
        _ => null,
    };

    public static bool IsTrue(ReadOnlySpan<byte> value) => value is [0x41] or [0x56, 1];

    private static int Measure(ReadOnlySpan<byte> bytes, int depth)
    {
        if (bytes.IsEmpty)
        {
            throw CutOff();
        }

        if (bytes[0] != Described)
        {
            return 1 + MeasureBody(bytes[0], bytes[1..], depth);
        }

        var descriptor = Measure(bytes[1..], Deeper(depth));
        return 1 + descriptor + Measure(bytes[(1 + descriptor)..], Deeper(depth));
    }

    // The upper half of a value's constructor tells its width, or the width of the size that follows.
    private static int MeasureBody(byte constructor, ReadOnlySpan<byte> bytes, int depth)
    {
        var length = (constructor >> 4) switch
        {
            0x4 => 0,
            0x5 => 1,
            0x6 => 2,
            0x7 => 4,
            0x8 => 8,
            0x9 => 16,
            0xA or 0xC or 0xE when bytes.Length >= 1 => 1L + bytes[0],
            0xB or 0xD or 0xF when bytes.Length >= 4 => 4L + BinaryPrimitives.ReadUInt32BigEndian(bytes),
            _ => throw new InvalidDataException("There is no AMQP value where one should be."),
        };
        if (length > bytes.Length)
        {
            throw CutOff();
        }

        if (constructor >= FirstCompound)
        {
            MeasureItems(constructor, bytes[..(int)length], Deeper(depth));
        }

        return (int)length;
    }

    private static void MeasureItems(byte constructor, ReadOnlySpan<byte> bytes, int depth)
    {
        var items = Items(constructor, bytes, out var count);
        if (constructor < FirstArray)
        {
            for (; count > 0; count--)
            {
                items = items[Measure(items, depth)..];
            }
        }
        else if (count > 0)
        {
            while (items is [Described, ..])
            {
                items = items[(1 + Measure(items[1..], depth))..];
            }

            var element = items.IsEmpty ? throw CutOff() : items[0];
            for (items = items[1..]; count > 0; count--)
            {
                items = items[MeasureBody(element, items, depth)..];
            }
        }
    }

    private static ReadOnlySpan<byte> Items(byte constructor, ReadOnlySpan<byte> bytes, out uint count)
    {
        var hasWideSize = (constructor >> 4) is 0xD or 0xF;
        if (bytes.Length < (hasWideSize ? 8 : 2))
        {
            count = 0;
            return constructor == EmptyList ? default : throw CutOff();
        }

        count = hasWideSize ? BinaryPrimitives.ReadUInt32BigEndian(bytes[4..]) : bytes[1];
        var items = bytes[(hasWideSize ? 8 : 2)..];
        return count <= items.Length ? items : throw new InvalidDataException("An AMQP value says that it holds more than it has bytes for.");
    }

    private static int Deeper(int depth) =>
        depth > 1 ? depth - 1 : throw new InvalidDataException($"An AMQP value nests more than {MaxDepth} deep.");

    private static InvalidDataException CutOff() => new("An AMQP value is cut off.");
}
