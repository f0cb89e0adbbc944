using System.IO.Compression;
using Microsoft.Extensions.ObjectPool;
using ZstdSharp;
using ZstdSharp.Unsafe;

namespace Kixo;

/// <summary>How a chunk's lines are compressed. Both may be appended to one another and still read as one.</summary>
internal enum ChunkEncoding
{
    Zstd,

    /// <summary>For consumers that read the hub directly and have no zstd.</summary>
    Gzip,
}

internal static class ChunkEncodings
{
    // Level 1: the traffic is repetitive, and higher levels cost several times the CPU for a few bytes an event.
    private const int ZstdLevel = 1;

    // The level's own is 14. With 13 the table of 32 KiB stays in the core's first cache: a seventh faster, and as small.
    private const int ZstdHashLog = 13;

    private static readonly ObjectPool<Compressor> Compressors = new DefaultObjectPool<Compressor>(new CompressorPolicy());

    /// <summary>The encoding's name, as the <c>encoding</c> property of a message says it.</summary>
    public static string Name(this ChunkEncoding encoding) => encoding == ChunkEncoding.Zstd ? "zstd" : "gzip";

    /// <summary>The end of a lake blob's name that readers (DuckDB, Spark, zstdcat, zcat) go by.</summary>
    public static string Extension(this ChunkEncoding encoding) => encoding == ChunkEncoding.Zstd ? ".ndjson.zst" : ".ndjson.gz";

    public static bool TryParse(string? name, out ChunkEncoding encoding)
    {
        encoding = name == "gzip" ? ChunkEncoding.Gzip : ChunkEncoding.Zstd;
        return name is "zstd" or "gzip";
    }

    /// <summary>Compresses into a pooled buffer, which the caller disposes. A zstd frame carries its length and a checksum.</summary>
    public static PooledBuffer Compress(this ChunkEncoding encoding, ReadOnlySpan<byte> lines)
    {
        var compressed = new PooledBuffer(Compressor.GetCompressBound(lines.Length));
        if (encoding == ChunkEncoding.Zstd)
        {
            var compressor = Compressors.Get();
            compressed.Advance(compressor.Wrap(lines, compressed.Free(1).Span));
            Compressors.Return(compressor);
            return compressed;
        }

        using var stream = new MemoryStream();
        using (var gzip = new GZipStream(stream, CompressionLevel.Fastest, leaveOpen: true))
        {
            gzip.Write(lines);
        }

        compressed.Append(stream.GetBuffer().AsSpan(0, (int)stream.Length));
        return compressed;
    }

    /// <summary>The lines in what was compressed, one chunk or many behind each other.</summary>
    public static Stream Decompress(this ChunkEncoding encoding, Stream compressed) => encoding == ChunkEncoding.Zstd
        ? new DecompressionStream(compressed, leaveOpen: false)
        : new GZipStream(compressed, CompressionMode.Decompress);

    private sealed class CompressorPolicy : PooledObjectPolicy<Compressor>
    {
        public override Compressor Create()
        {
            var compressor = new Compressor(ZstdLevel);
            compressor.SetParameter(ZSTD_cParameter.ZSTD_c_checksumFlag, 1);
            compressor.SetParameter(ZSTD_cParameter.ZSTD_c_hashLog, ZstdHashLog);
            return compressor;
        }

        public override bool Return(Compressor obj) => true;
    }
}
