using System.Buffers;
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
            var (total, count, last) = (0L, 0, (byte)0);
            while (lines.Read(buffer) is var read and > 0)
            {
                total += read;
                count += buffer.AsSpan(0, read).Count((byte)'\n');
                last = buffer[read - 1];
                if (total > MaxLineBytes)
                {
                    return $"It decompresses to over {MaxLineBytes:N0} bytes.";
                }
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
}
