using System.IO.Compression;
using ZstdSharp;
using ZstdSharp.Unsafe;

namespace Kixo.Batches;

/// <summary>Reads a request's body into a pooled buffer, decompressed, and never further than the limit.</summary>
internal static class BodyReader
{
    // What a claim to send more costs before anything has come; with that there, the claimed length is rented at once.
    private const int FirstRead = 16 * 1024;

    // 8 MiB, the largest window that HTTP allows (RFC 9659): a frame of a few bytes can ask for 128 MiB otherwise.
    private const int ZstdWindowLogMax = 23;

    /// <param name="body">The bytes as they come from the client.</param>
    /// <param name="contentEncoding">The Content-Encoding header, or null.</param>
    /// <param name="contentLength">The Content-Length header, or null.</param>
    /// <param name="cancellationToken">Ends the read when the client has gone.</param>
    /// <returns>The whole body, which the caller disposes, or why it is refused.</returns>
    public static async ValueTask<(PooledBuffer? Body, BatchProblem? Problem)> ReadAsync(
        Stream body, string? contentEncoding, long? contentLength, CancellationToken cancellationToken)
    {
        var encoding = contentEncoding?.Trim().ToLowerInvariant() ?? "";
        if (encoding is "" or "identity")
        {
            return contentLength > BatchLimits.MaxBodyBytes
                ? (null, BatchProblem.OfTooLarge())
                : await ReadBoundedAsync(body, (int)(contentLength ?? FirstRead), cancellationToken);
        }

        var decompressed = Decompress(body, encoding);
        if (decompressed is null)
        {
            return (null, new(BatchProblem.UnsupportedEncoding, "Content-Encoding: expected gzip, br, zstd, deflate or none."));
        }

        await using (decompressed)
        {
            try
            {
                return await ReadBoundedAsync(decompressed, FirstRead, cancellationToken);
            }
            catch (Exception e) when (IsOfTheData(e, encoding))
            {
                return (null, new(BatchProblem.MalformedJson, $"The body is not valid {encoding} data, as Content-Encoding says it is."));
            }
        }
    }

    // What the decompressors throw at data that are not theirs; any other IOException is the connection's. ZLibException is not public.
    private static bool IsOfTheData(Exception e, string encoding) =>
        e is InvalidDataException or ZstdException or EndOfStreamException
        || (e is InvalidOperationException && encoding == "br")
        || (e is IOException && e.GetType().Assembly == typeof(ZLibStream).Assembly);

    private static Stream? Decompress(Stream body, string encoding) => encoding switch
    {
        "gzip" => new GZipStream(body, CompressionMode.Decompress, leaveOpen: true),
        "br" => new BrotliStream(body, CompressionMode.Decompress, leaveOpen: true),
        "zstd" => Zstd(body),
        "deflate" => new ZLibStream(body, CompressionMode.Decompress, leaveOpen: true),
        _ => null,
    };

    private static DecompressionStream Zstd(Stream body)
    {
        var stream = new DecompressionStream(body, leaveOpen: true);
        stream.SetParameter(ZSTD_dParameter.ZSTD_d_windowLogMax, ZstdWindowLogMax);
        return stream;
    }

    private static async ValueTask<(PooledBuffer?, BatchProblem?)> ReadBoundedAsync(
        Stream stream, int expected, CancellationToken cancellationToken)
    {
        var buffer = new PooledBuffer(FirstRead);
        var whole = false;
        try
        {
            while (true)
            {
                var room = buffer.Length < FirstRead ? 1 : Math.Max(1, expected + 1 - buffer.Length);
                var read = await stream.ReadAsync(buffer.Free(room), cancellationToken);
                if (read == 0)
                {
                    whole = true;
                    return (buffer, null);
                }

                buffer.Advance(read);
                if (buffer.Length > BatchLimits.MaxBodyBytes)
                {
                    return (null, BatchProblem.OfTooLarge());
                }
            }
        }
        finally
        {
            if (!whole)
            {
                buffer.Dispose();
            }
        }
    }
}
