using System.Buffers.Binary;
using Kixo.Tests.Support;

namespace Kixo.Tests;

public sealed class ChunkEncodingTests
{
    [Theory]
    [InlineData("zstd", ".ndjson.zst")]
    [InlineData("gzip", ".ndjson.gz")]
    public void An_encoding_is_known_by_its_name(string name, string extension)
    {
        Assert.True(ChunkEncodings.TryParse(name, out var encoding));
        Assert.Equal((name, extension), (encoding.Name(), encoding.Extension()));
    }

    [Theory]
    [InlineData(null)]
    [InlineData("")]
    [InlineData("Zstd")]
    [InlineData("br")]
    public void TryParse_AnythingElse_IsRefused(string? name) => Assert.False(ChunkEncodings.TryParse(name, out _));

    [Theory]
    [InlineData(ChunkEncoding.Zstd)]
    [InlineData(ChunkEncoding.Gzip)]
    internal void Chunks_behind_each_other_read_as_one(ChunkEncoding encoding)
    {
        using var first = encoding.Compress(Some.Lines(3));
        using var second = encoding.Compress(Some.Lines(2));
        using var lines = new MemoryStream();

        using (var decompressed = encoding.Decompress(new MemoryStream([.. first.Written.Span, .. second.Written.Span])))
        {
            decompressed.CopyTo(lines);
        }

        Assert.Equal([.. Some.Lines(3), .. Some.Lines(2)], lines.ToArray());
    }

    [Fact]
    public void A_zstd_frame_carries_its_length_and_a_checksum()
    {
        using var body = ChunkEncoding.Zstd.Compress(Some.Lines(1));

        // RFC 8878, 3.1.1: behind the magic number the descriptor, whose bit 2 says checksum and bit 5 a single segment with its size.
        Assert.Equal(0xFD2FB528, BinaryPrimitives.ReadUInt32LittleEndian(body.Written.Span));
        Assert.Equal(0b0010_0100, body.Written.Span[4] & 0b0010_0100);
    }
}
