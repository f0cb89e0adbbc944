using System.Buffers.Binary;
using System.IO.Compression;
using System.IO.Hashing;

namespace Kixo.Cli.Verify;

/// <summary>
/// Decompresses gzip members that follow one another (RFC 1952) and throws wherever they are not whole: <see cref="GZipStream"/>
/// does not mind a trailer that is cut short, nor what stands behind one.
/// </summary>
internal sealed class GzipMembers(Stream compressed) : ReadOnlyStream
{
    private readonly ByteByByte _compressed = new(new BufferedStream(compressed, 64 * 1024));
    private DeflateStream? _member;
    private Crc32 _crc = new();
    private uint _length;

    /// <exception cref="InvalidDataException">What comes is no gzip member, or a damaged one.</exception>
    public override int Read(Span<byte> buffer)
    {
        while (_member is not null || TryBegin())
        {
            var read = _member!.Read(buffer);
            if (read > 0)
            {
                _crc.Append(buffer[..read]);
                _length += (uint)read;
                return read;
            }

            End();
        }

        return 0;
    }

    protected override void Dispose(bool disposing)
    {
        if (disposing)
        {
            _member?.Dispose();
            _compressed.Dispose();
        }

        base.Dispose(disposing);
    }

    // The app's gzip writes no name, comment or other optional field.
    private bool TryBegin()
    {
        Span<byte> header = stackalloc byte[10];
        var read = _compressed.ReadAll(header);
        if (read == 0)
        {
            return false;
        }

        if (read < header.Length || header is not [0x1f, 0x8b, 8, 0, ..])
        {
            throw new InvalidDataException("no header of a member.");
        }

        _member = new DeflateStream(_compressed, CompressionMode.Decompress, leaveOpen: true);
        (_crc, _length) = (new Crc32(), 0);
        return true;
    }

    private void End()
    {
        _member!.Dispose();
        _member = null;
        Span<byte> trailer = stackalloc byte[8];
        if (_compressed.ReadAll(trailer) < trailer.Length
            || BinaryPrimitives.ReadUInt32LittleEndian(trailer) != _crc.GetCurrentHashAsUInt32()
            || BinaryPrimitives.ReadUInt32LittleEndian(trailer[4..]) != _length)
        {
            throw new InvalidDataException("a member does not end in its checksum and length.");
        }
    }

    /// <summary>Gives a byte at a time, so that nobody reads over the end of a member.</summary>
    private sealed class ByteByByte(Stream inner) : ReadOnlyStream
    {
        public int ReadAll(Span<byte> buffer) => inner.ReadAtLeast(buffer, buffer.Length, throwOnEndOfStream: false);

        public override int Read(Span<byte> buffer) => inner.Read(buffer[..Math.Min(1, buffer.Length)]);

        protected override void Dispose(bool disposing)
        {
            if (disposing)
            {
                inner.Dispose();
            }

            base.Dispose(disposing);
        }
    }
}
