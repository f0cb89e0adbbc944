using CsCheck;
using Kixo.Persistence;
using Kixo.Tests.Support;

namespace Kixo.Tests.Persistence;

public sealed class ChunkVerifierTests
{
    [Theory]
    [InlineData(ChunkEncoding.Zstd)]
    [InlineData(ChunkEncoding.Gzip)]
    internal void Problem_WholeChunk_IsNone(ChunkEncoding encoding) => Assert.Null(ChunkVerifier.Problem(Some.Chunk(Some.Lines(100), encoding)));

    [Theory]
    [InlineData(ChunkEncoding.Zstd)]
    [InlineData(ChunkEncoding.Gzip)]
    internal void Problem_AnyByteChanged_IsFound(ChunkEncoding encoding)
    {
        var chunk = Some.Chunk(Some.Lines(50), encoding);
        var whole = Read(chunk);
        Gen.Select(Gen.Int[0, chunk.Body.Length - 1], Gen.Byte[1, 255]).Sample(
            (at, change) =>
            {
                var body = chunk.Body.ToArray();
                body[at] ^= change;
                var damaged = chunk with { Body = body };

                // A header has bits that say nothing of the lines.
                Assert.True(ChunkVerifier.Problem(damaged) is not null || Read(damaged).AsSpan().SequenceEqual(whole));
            },
            iter: 1_000);
    }

    [Theory]
    [InlineData(ChunkEncoding.Zstd)]
    [InlineData(ChunkEncoding.Gzip)]
    internal void Problem_CutShortAnywhere_IsFound(ChunkEncoding encoding)
    {
        var chunk = Some.Chunk(Some.Lines(20), encoding);

        Assert.All(Enumerable.Range(0, chunk.Body.Length), length => Assert.NotNull(ChunkVerifier.Problem(chunk with { Body = chunk.Body[..length] })));
    }

    [Theory]
    [InlineData(ChunkEncoding.Zstd)]
    [InlineData(ChunkEncoding.Gzip)]
    internal void Problem_SomethingBehindIt_IsFound(ChunkEncoding encoding)
    {
        var chunk = Some.Chunk(Some.Lines(20), encoding);

        Assert.NotNull(ChunkVerifier.Problem(chunk with { Body = (byte[])[.. chunk.Body.Span, 0] }));
        Assert.NotNull(ChunkVerifier.Problem(chunk with { Body = (byte[])[.. chunk.Body.Span, .. "more, and more than a trailer"u8] }));
    }

    [Theory]
    [InlineData(9)]
    [InlineData(11)]
    public void Problem_AnotherCount_IsFound(int count) => Assert.Equal(
        $"It holds 10 whole lines where event_count says {count}.", ChunkVerifier.Problem(Some.Chunk(Some.Lines(10)) with { EventCount = count }));

    [Fact]
    public void Problem_LastLineWithoutItsBreak_IsFound() =>
        Assert.NotNull(ChunkVerifier.Problem(Some.Chunk([.. Some.Lines(2), .. "{}"u8])));

    [Fact]
    public void Problem_TooLong_IsFoundWithoutReadingOn()
    {
        var lines = new byte[(64 << 20) + 1];
        lines.AsSpan().Fill((byte)'\n');

        Assert.StartsWith("It decompresses to over", ChunkVerifier.Problem(Some.Chunk(lines)), StringComparison.Ordinal);
    }

    private static byte[] Read(EventChunk chunk)
    {
        using var lines = new MemoryStream();
        using var stream = chunk.Encoding.Decompress(new MemoryStream(chunk.Body.ToArray()));
        stream.CopyTo(lines);
        return lines.ToArray();
    }
}
