using System.Buffers;
using Kixo.Batches;
using ZstdSharp;

namespace Kixo.Cli.Verify;

/// <summary>Takes the next line of a blob, without its line break.</summary>
/// <param name="number">From 1.</param>
internal delegate void LineHandler(ReadOnlySpan<byte> line, int number);

/// <summary>Reads the lines of a blob, and whether its compressed frames are whole, in the memory of one line.</summary>
internal static class LakeLines
{
    // Twice what the app can write: an event of 64 KiB with its names, ids and times.
    private const int MaxLineBytes = 4 * BatchLimits.MaxEventBytes;

    /// <returns>Null when all of it could be read, else a sentence that says where that ended, and why.</returns>
    public static async Task<string?> ReadAsync(Stream blob, ChunkEncoding encoding, LineHandler handle, CancellationToken cancellationToken)
    {
        var buffer = ArrayPool<byte>.Shared.Rent(2 * MaxLineBytes);
        var (length, number) = (0, 0);
        try
        {
            await using var lines = encoding == ChunkEncoding.Zstd ? encoding.Decompress(blob) : new GzipMembers(blob);
            while (await lines.ReadAsync(buffer.AsMemory(length), cancellationToken) is var read and > 0)
            {
                length += read;
                var rest = buffer.AsSpan(0, length);
                while (rest.IndexOf((byte)'\n') is var end and >= 0)
                {
                    handle(rest[..end], ++number);
                    rest = rest[(end + 1)..];
                }

                if (rest.Length > MaxLineBytes)
                {
                    return $"Line {number + 1:N0} is over {MaxLineBytes:N0} bytes long; what follows was not read.";
                }

                rest.CopyTo(buffer);
                length = rest.Length;
            }

            return length == 0 ? null : $"Line {number + 1:N0} has no end.";
        }
        catch (Exception e) when (e is InvalidDataException or ZstdException or EndOfStreamException)
        {
            return $"Behind line {number:N0} it is not valid {encoding.Name()} data: {e.Message}";
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(buffer);
        }
    }
}
