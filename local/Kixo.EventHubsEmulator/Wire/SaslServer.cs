using System.Buffers.Binary;
using System.Text;

namespace Kixo.EventHubsEmulator.Wire;

/// <summary>
/// Negotiates SASL (AMQP 1.0, part 5.3) and lets everyone in, by the mechanisms that Event Hubs clients choose from. What a
/// client may do it shows afterwards, on <c>$cbs</c>. AMQPNetLite 2.5.5 would do it for one connection at a time.
/// </summary>
internal static class SaslServer
{
    /// <summary>AMQP 1.0 allows no larger frame here.</summary>
    private const int MaxFrameBytes = 512;

    private const byte Init = 0x41;

    private static readonly byte[] Header = [.. "AMQP"u8, 3, 1, 0, 0];
    private static readonly string[] Mechanisms = ["MSSBCBS", "PLAIN", "ANONYMOUS"];
    private static readonly byte[] Offer = Frame(0x40, Array(Mechanisms));
    private static readonly byte[] Welcome = Frame(0x44, [0x50, 0]);
    private static readonly byte[] Refusal = Frame(0x44, [0x50, 1]);

    private static readonly byte[] NoWebSockets = Encoding.ASCII.GetBytes(
        "HTTP/1.1 501 Not Implemented\r\nContent-Type: text/plain\r\nConnection: close\r\n\r\n"
        + "amqp:not-implemented: this emulator speaks AMQP over TCP, not over WebSockets. Use the client's default transport type.\r\n");

    /// <exception cref="InvalidDataException">The peer is no AMQP client, or chooses a mechanism that is not offered.</exception>
    /// <exception cref="IOException">The connection is lost.</exception>
    public static async Task NegotiateAsync(Stream stream, CancellationToken cancellationToken)
    {
        var header = new byte[Header.Length];
        await stream.ReadExactlyAsync(header, cancellationToken);
        if (!header.AsSpan().SequenceEqual(Header))
        {
            // A peer that does not speak the protocol is told which one is spoken here.
            await stream.WriteAsync(header.AsSpan().StartsWith("GET "u8) ? NoWebSockets : Header, cancellationToken);
            throw new InvalidDataException("The peer does not begin with SASL.");
        }

        await stream.WriteAsync((byte[])[.. Header, .. Offer], cancellationToken);
        var mechanism = MechanismOf(await ReadFrameAsync(stream, cancellationToken));
        var isOffered = Mechanisms.Contains(mechanism);
        await stream.WriteAsync(isOffered ? Welcome : Refusal, cancellationToken);
        if (!isOffered)
        {
            throw new InvalidDataException("The peer chooses a mechanism that is not offered.");
        }
    }

    private static async Task<byte[]> ReadFrameAsync(Stream stream, CancellationToken cancellationToken)
    {
        var size = new byte[4];
        await stream.ReadExactlyAsync(size, cancellationToken);
        var length = BinaryPrimitives.ReadUInt32BigEndian(size);
        if (length is < FrameGuard.HeaderBytes or > MaxFrameBytes)
        {
            throw new InvalidDataException($"A SASL frame has at most {MaxFrameBytes} bytes.");
        }

        var frame = new byte[length];
        await stream.ReadExactlyAsync(frame.AsMemory(size.Length), cancellationToken);
        return frame;
    }

    private static string MechanismOf(ReadOnlySpan<byte> frame)
    {
        if (frame is not [_, _, _, _, 2, 1, _, _, 0x00, 0x53, Init, .. var fields])
        {
            throw new InvalidDataException("The peer does not choose a mechanism.");
        }

        EncodedValue.Measure(fields);
        return EncodedValue.Item(fields, 0) is [0xA3, _, .. var name] ? Encoding.ASCII.GetString(name) : "";
    }

    /// <summary>A frame whose performative has one field.</summary>
    private static byte[] Frame(byte performative, byte[] field)
    {
        byte[] frame = [0, 0, 0, 0, 2, 1, 0, 0, 0x00, 0x53, performative, 0xC0, (byte)(1 + field.Length), 1, .. field];
        frame[3] = (byte)frame.Length;
        return frame;
    }

    private static byte[] Array(string[] symbols)
    {
        byte[] items = [.. symbols.SelectMany(symbol => (byte[])[(byte)symbol.Length, .. Encoding.ASCII.GetBytes(symbol)])];
        return [0xE0, (byte)(2 + items.Length), (byte)symbols.Length, 0xA3, .. items];
    }
}
