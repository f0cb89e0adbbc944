using System.Buffers.Binary;
using Amqp;

namespace Kixo.EventHubsEmulator.Wire;

/// <summary>
/// Checks what a peer sends, frame by frame, before AMQPNetLite 2.5.5 decodes it. Of a message beyond the limit it lets
/// only the beginning through, still too large to be accepted, so that its sender is told and memory stays bounded.
/// One instance serves one connection.
/// </summary>
/// <param name="maxMessageBytes">A message's limit.</param>
internal sealed class FrameGuard(int maxMessageBytes)
{
    /// <summary>What AMQPNetLite offers in its open.</summary>
    public const int MaxFrameBytes = 256 * 1024;

    public const int HeaderBytes = 8;

    /// <summary>Messages of which only a part has come, on all links of a connection: 32 of the largest.</summary>
    private const int MaxUnfinishedBytes = 32 * 1024 * 1024;

    private const byte Transfer = 0x14;
    private const byte Detach = 0x16;
    private const byte End = 0x17;
    private const int HandleField = 0;
    private const int MoreField = 5;

    private readonly Dictionary<(ushort Channel, uint Handle), int> _unfinished = [];
    private int _unfinishedBytes;

    /// <summary>The size that the first four bytes of a frame tell.</summary>
    /// <exception cref="AmqpException">There is no such frame.</exception>
    public static int SizeOf(ReadOnlySpan<byte> start)
    {
        var size = BinaryPrimitives.ReadUInt32BigEndian(start);
        return size is >= HeaderBytes and <= MaxFrameBytes
            ? (int)size
            : throw Malformed($"A frame has {HeaderBytes} to {MaxFrameBytes} bytes, and not {size}.");
    }

    /// <summary>Checks a frame; it may become shorter.</summary>
    /// <returns>How much of it goes on.</returns>
    /// <exception cref="AmqpException">The connection must be closed.</exception>
    public int Inspect(Span<byte> frame)
    {
        if (frame.Length == HeaderBytes)
        {
            return HeaderBytes; // a sign of life
        }

        // 2: the header has the usual length; 0: an AMQP frame; 0x53: a descriptor by number, as all clients write it.
        if (frame is not [_, _, _, _, 2, 0, _, _, 0x00, 0x53, var performative, ..])
        {
            throw Malformed("The frame is not one that Event Hubs clients send.");
        }

        try
        {
            var length = HeaderBytes + EncodedValue.Measure(frame[HeaderBytes..]);
            var channel = BinaryPrimitives.ReadUInt16BigEndian(frame[6..]);
            return Follow(performative, channel, frame[(HeaderBytes + 3)..length], frame.Length - length) ? frame.Length : Cut(frame, length);
        }
        catch (InvalidDataException exception)
        {
            throw Malformed(exception.Message);
        }
    }

    private static int Cut(Span<byte> frame, int length)
    {
        BinaryPrimitives.WriteInt32BigEndian(frame, length);
        return length;
    }

    /// <summary>Keeps account of messages that come in parts.</summary>
    /// <returns>Whether the payload goes on.</returns>
    private bool Follow(byte performative, ushort channel, ReadOnlySpan<byte> fields, int payload)
    {
        switch (performative)
        {
            case Transfer when EncodedValue.UInt(EncodedValue.Item(fields, HandleField)) is { } handle:
                _unfinished.Remove((channel, handle), out var before);
                _unfinishedBytes -= before;
                if (EncodedValue.IsTrue(EncodedValue.Item(fields, MoreField)))
                {
                    Note((channel, handle), before > maxMessageBytes ? before : before + payload);
                }

                return before <= maxMessageBytes;
            case Detach when EncodedValue.UInt(EncodedValue.Item(fields, HandleField)) is { } handle:
                Forget(link => link == (channel, handle));
                return true;
            case End:
                Forget(link => link.Channel == channel);
                return true;
            default:
                return true;
        }
    }

    private void Note((ushort Channel, uint Handle) link, int bytes)
    {
        _unfinished[link] = bytes;
        _unfinishedBytes += bytes;
        if (_unfinishedBytes > MaxUnfinishedBytes)
        {
            throw new AmqpException(ErrorCode.ResourceLimitExceeded, $"Unfinished messages on this connection have more than {MaxUnfinishedBytes} bytes.");
        }
    }

    private void Forget(Func<(ushort Channel, uint Handle), bool> isGone)
    {
        foreach (var link in _unfinished.Keys.Where(isGone).ToList())
        {
            _unfinished.Remove(link, out var bytes);
            _unfinishedBytes -= bytes;
        }
    }

    private static AmqpException Malformed(string description) => new(ErrorCode.DecodeError, description);
}
