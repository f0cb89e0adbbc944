using System.Buffers.Binary;
using System.IO.Hashing;
using System.Text;

namespace Kixo.EventHubsEmulator.Storage;

/// <summary>
/// What stands before each event in a partition's file, little-endian:
/// length of the whole record u32, CRC-32 of all but itself u32, sequence number i64, enqueued time in Unix ms i64,
/// length of the partition key u16; then the key in UTF-8, then the encoded AMQP message to the record's end.
/// </summary>
internal readonly record struct RecordHeader(int Length, uint Checksum, long SequenceNumber, long EnqueuedMilliseconds, ushort KeyLength)
{
    public const int Size = 26;
    private const int ChecksumEnd = 8;

    public bool IsPlausible => Length >= Size + KeyLength;

    /// <summary>Header and key of a new record; the message follows it in the file.</summary>
    public static byte[] Encode(long sequenceNumber, long enqueuedMilliseconds, NewEvent @event)
    {
        var keyLength = Encoding.UTF8.GetByteCount(@event.PartitionKey ?? "");
        var head = new byte[Size + keyLength];
        new RecordHeader(head.Length + @event.Message.Length, 0, sequenceNumber, enqueuedMilliseconds, checked((ushort)keyLength)).Encode(head);
        Encoding.UTF8.GetBytes(@event.PartitionKey ?? "", head.AsSpan(Size));
        BinaryPrimitives.WriteUInt32LittleEndian(head.AsSpan(4), ChecksumOf(head, @event.Message.Span));
        return head;
    }

    public void Encode(Span<byte> head)
    {
        BinaryPrimitives.WriteInt32LittleEndian(head, Length);
        BinaryPrimitives.WriteUInt32LittleEndian(head[4..], Checksum);
        BinaryPrimitives.WriteInt64LittleEndian(head[8..], SequenceNumber);
        BinaryPrimitives.WriteInt64LittleEndian(head[16..], EnqueuedMilliseconds);
        BinaryPrimitives.WriteUInt16LittleEndian(head[24..], KeyLength);
    }

    public static RecordHeader Decode(ReadOnlySpan<byte> head) => new(
        BinaryPrimitives.ReadInt32LittleEndian(head),
        BinaryPrimitives.ReadUInt32LittleEndian(head[4..]),
        BinaryPrimitives.ReadInt64LittleEndian(head[8..]),
        BinaryPrimitives.ReadInt64LittleEndian(head[16..]),
        BinaryPrimitives.ReadUInt16LittleEndian(head[24..]));

    /// <param name="head">The header, and as much of what follows as is at hand.</param>
    /// <param name="rest">What follows <paramref name="head"/> in the record.</param>
    public static uint ChecksumOf(ReadOnlySpan<byte> head, ReadOnlySpan<byte> rest)
    {
        var crc = new Crc32();
        crc.Append(head[..4]);
        crc.Append(head[ChecksumEnd..]);
        crc.Append(rest);
        return crc.GetCurrentHashAsUInt32();
    }
}
