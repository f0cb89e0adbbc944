using System.Buffers;
using System.Buffers.Binary;
using System.IO.Hashing;
using ZstdSharp;

namespace Kixo.Persistence;

/// <summary>
/// Reads a chunk through before it is appended: a damaged one in the middle of a blob would make the rest of the blob
/// unreadable for every query.
/// </summary>
internal static class ChunkVerifier
{
    /// <summary>Far over what a request of 4 MiB can become, and a bound for what foreign producers send.</summary>
    private const long MaxLineBytes = 64 << 20;

    /// <returns>Null when it is whole, else a sentence that says what is wrong.</returns>
    public static string? Problem(EventChunk chunk)
    {
        var buffer = ArrayPool<byte>.Shared.Rent(64 * 1024);
        try
        {
            using var lines = chunk.Encoding.Decompress(BinaryData.FromBytes(chunk.Body).ToStream());
            var crc = new Crc32();
            var (total, count, last) = (0L, 0, (byte)0);
            while (lines.Read(buffer) is var read and > 0)
            {
                total += read;
                count += buffer.AsSpan(0, read).Count((byte)'\n');
                last = buffer[read - 1];
                if (chunk.Encoding == ChunkEncoding.Gzip)
                {
                    crc.Append(buffer.AsSpan(0, read));
                }

                if (total > MaxLineBytes)
                {
                    return $"It decompresses to over {MaxLineBytes:N0} bytes.";
                }
            }

            if (chunk.Encoding == ChunkEncoding.Gzip && !EndsInTrailer(chunk.Body.Span, crc.GetCurrentHashAsUInt32(), total))
            {
                return "It is not valid gzip data: something is missing or left over at its end.";
            }

            return count == chunk.EventCount && last == '\n' ? null
                : $"It holds {count:N0} whole lines where event_count says {chunk.EventCount:N0}.";
        }
        catch (Exception e) when (e is InvalidDataException or ZstdException or EndOfStreamException or IOException)
        {
            return $"It is not valid {chunk.Encoding.Name()} data: {e.Message}";
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(buffer);
        }
    }

    // GZipStream does not mind a trailer (RFC 1952, 2.3.1) that is cut short, nor what stands behind one.
    private static bool EndsInTrailer(ReadOnlySpan<byte> gzip, uint crc, long length) =>
        gzip.Length >= 8
        && BinaryPrimitives.ReadUInt32LittleEndian(gzip[^8..]) == crc
        && BinaryPrimitives.ReadUInt32LittleEndian(gzip[^4..]) == (uint)length;
}
