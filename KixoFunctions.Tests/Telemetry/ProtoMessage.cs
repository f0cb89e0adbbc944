using System.Buffers.Binary;
using System.Text;

namespace Kixo.Tests.Telemetry;

/// <summary>A protobuf message as the wire has it: fields by number, without the definitions that would name them.</summary>
internal sealed class ProtoMessage
{
    private readonly ILookup<int, byte[]> _fields;

    public ProtoMessage(ReadOnlySpan<byte> wire)
    {
        var fields = new List<(int Number, byte[] Value)>();
        while (!wire.IsEmpty)
        {
            var tag = ReadVarint(ref wire);
            var value = (tag & 7) switch
            {
                0 => BitConverter.GetBytes(ReadVarint(ref wire)),
                1 => Take(ref wire, 8),
                2 => Take(ref wire, (int)ReadVarint(ref wire)),
                5 => Take(ref wire, 4),
                _ => throw new InvalidDataException($"Wire type {tag & 7}."),
            };
            fields.Add(((int)(tag >> 3), value));
        }

        _fields = fields.ToLookup(field => field.Number, field => field.Value);
    }

    public bool Has(int field) => _fields.Contains(field);

    public IEnumerable<ProtoMessage> Messages(int field) => _fields[field].Select(value => new ProtoMessage(value));

    /// <summary>Empty when it is absent, as protobuf has it.</summary>
    public string Text(int field) => Encoding.UTF8.GetString(_fields[field].LastOrDefault([]));

    public byte[] Bytes(int field) => _fields[field].LastOrDefault([]);

    public long Fixed64(int field) => _fields[field].LastOrDefault() is { } value ? BinaryPrimitives.ReadInt64LittleEndian(value) : 0;

    public double Double(int field) => BitConverter.Int64BitsToDouble(Fixed64(field));

    private static byte[] Take(ref ReadOnlySpan<byte> wire, int count)
    {
        var taken = wire[..count].ToArray();
        wire = wire[count..];
        return taken;
    }

    private static ulong ReadVarint(ref ReadOnlySpan<byte> wire)
    {
        var value = 0UL;
        for (var shift = 0; ; shift += 7)
        {
            var part = wire[0];
            wire = wire[1..];
            value |= (ulong)(part & 0x7F) << shift;
            if (part < 0x80)
            {
                return value;
            }
        }
    }
}
