using System.IO.Compression;
using CsCheck;
using Kixo.Batches;
using Kixo.Tests.Support;
using Moq;
using ZstdSharp;
using ZstdSharp.Unsafe;

namespace Kixo.Tests.Batches;

public sealed class BodyReaderTests
{
    private const int Limit = BatchLimits.MaxBodyBytes;

    public static TheoryData<string> Encodings => ["gzip", "br", "zstd", "deflate"];

    [Theory]
    [InlineData(null)]
    [InlineData("")]
    [InlineData("identity")]
    [InlineData("gzip")]
    [InlineData(" GZIP ")]
    [InlineData("br")]
    [InlineData("zstd")]
    [InlineData("deflate")]
    public async Task ReadAsync_KnownEncoding_GivesTheWholeBody(string? encoding)
    {
        var body = Some.Batch([.. Enumerable.Repeat(Some.Event(), 300)]);

        Assert.Equal(body, await ReadAsync(Compress(encoding, body), encoding));
    }

    [Theory]
    [InlineData("compress")]
    [InlineData("gzip, br")]
    [InlineData("x")]
    public async Task ReadAsync_UnknownEncoding_IsRefused(string encoding) =>
        Assert.Equal(BatchProblem.UnsupportedEncoding, await ProblemAsync([1], encoding));

    [Theory]
    [MemberData(nameof(Encodings))]
    public async Task ReadAsync_DataOfAnotherEncoding_IsMalformed(string encoding) =>
        Assert.Equal(BatchProblem.MalformedJson, await ProblemAsync(Some.Body(), encoding));

    [Theory]
    [MemberData(nameof(Encodings))]
    public async Task A_body_that_is_cut_short_is_malformed_here_or_for_the_next_reader(string encoding)
    {
        var sent = Compress(encoding, Some.Body())[..^12];

        var (body, problem) = await BodyReader.ReadAsync(new MemoryStream(sent), encoding, sent.Length, CancellationToken.None);

        Assert.Equal(BatchProblem.MalformedJson, (problem ?? EnvelopeReader.Read(body!.Written.Span).Problem)!.Code);
        body?.Dispose();
    }

    // Header 78 20 (RFC 1950, 2.2): a preset dictionary, which there is none of.
    [Fact]
    public async Task ReadAsync_DeflateWithADictionary_IsMalformed() =>
        Assert.Equal(BatchProblem.MalformedJson, await ProblemAsync([0x78, 0x20, 0, 0, 0, 1, 0, 0, 0, 0], "deflate"));

    [Theory]
    [InlineData(null)]
    [InlineData("gzip")]
    [InlineData("br")]
    [InlineData("zstd")]
    [InlineData("deflate")]
    public async Task ReadAsync_ConnectionBreaks_IsNotTheBodysFault(string? encoding)
    {
        var connection = new Mock<Stream>();
        connection.Setup(c => c.CanRead).Returns(true);
        connection.Setup(c => c.ReadAsync(It.IsAny<Memory<byte>>(), It.IsAny<CancellationToken>())).ThrowsAsync(new IOException("reset"));
        connection.Setup(c => c.ReadAsync(It.IsAny<byte[]>(), It.IsAny<int>(), It.IsAny<int>(), It.IsAny<CancellationToken>())).ThrowsAsync(new IOException("reset"));

        await Assert.ThrowsAsync<IOException>(async () => await BodyReader.ReadAsync(connection.Object, encoding, 100, CancellationToken.None));
    }

    [Theory]
    [MemberData(nameof(Encodings))]
    public async Task However_compressed_data_are_damaged_they_are_read_or_refused(string encoding)
    {
        var compressed = Compress(encoding, Some.Batch([.. Enumerable.Repeat(Some.Event(), 20)]));
        await Gen.Select(Gen.Int[0, compressed.Length - 1], Gen.Byte).Array[1, 4].SampleAsync(async mutations =>
        {
            var damaged = compressed.ToArray();
            foreach (var (at, value) in mutations)
            {
                damaged[at] = value;
            }

            var (body, problem) = await BodyReader.ReadAsync(new MemoryStream(damaged), encoding, damaged.Length, CancellationToken.None);
            body?.Dispose();
            Assert.True(body is not null || problem!.Code is BatchProblem.MalformedJson or BatchProblem.PayloadTooLarge);
        }, iter: 1_000);
    }

    [Theory]
    [InlineData(null)]
    [InlineData("gzip")]
    [InlineData("br")]
    [InlineData("zstd")]
    [InlineData("deflate")]
    public async Task A_body_has_up_to_4_MiB_after_decompression(string? encoding)
    {
        Assert.Equal(Limit, (await ReadAsync(Compress(encoding, new byte[Limit]), encoding)).Length);
        Assert.Equal(BatchProblem.PayloadTooLarge, await ProblemAsync(Compress(encoding, new byte[Limit + 1]), encoding));
    }

    [Fact]
    public async Task ReadAsync_LengthOverTheLimit_IsRefusedUnread()
    {
        var (_, problem) = await BodyReader.ReadAsync(Stream.Null, null, Limit + 1, CancellationToken.None);

        Assert.Equal(BatchProblem.PayloadTooLarge, problem!.Code);
    }

    [Fact]
    public async Task ReadAsync_LengthUnknown_StopsReadingAtTheLimit()
    {
        using var endless = new MemoryStream(new byte[4 * Limit]);

        var (_, problem) = await BodyReader.ReadAsync(endless, null, contentLength: null, CancellationToken.None);

        Assert.Equal(BatchProblem.PayloadTooLarge, problem!.Code);
        Assert.InRange(endless.Position, Limit + 1, 2 * Limit + 1);
    }

    [Theory]
    [MemberData(nameof(Encodings))]
    public async Task A_bomb_is_not_unpacked(string encoding)
    {
        var bomb = Compress(encoding, new byte[256 << 20]);
        var before = GC.GetAllocatedBytesForCurrentThread(); // other tests run beside this one; what is in memory is read on this thread

        Assert.Equal(BatchProblem.PayloadTooLarge, await ProblemAsync(bomb, encoding));

        Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 0, 32L << 20);
    }

    [Fact]
    public async Task A_zstd_window_over_the_8_MiB_that_HTTP_allows_is_refused_before_it_is_allocated()
    {
        using var compressed = new MemoryStream();
        await using (var zstd = new CompressionStream(compressed, leaveOpen: true))
        {
            zstd.SetParameter(ZSTD_cParameter.ZSTD_c_windowLog, 27);
            await zstd.WriteAsync(Some.Body());
        }

        Assert.Equal(BatchProblem.MalformedJson, await ProblemAsync(compressed.ToArray(), "zstd"));
    }

    [Fact]
    public async Task ReadAsync_ClientGone_IsCancelled() =>
        await Assert.ThrowsAnyAsync<OperationCanceledException>(async () =>
            await BodyReader.ReadAsync(new MemoryStream([1]), null, 1, new CancellationToken(canceled: true)));

    private static async Task<byte[]> ReadAsync(byte[] sent, string? encoding)
    {
        var (body, problem) = await BodyReader.ReadAsync(new MemoryStream(sent), encoding, sent.Length, CancellationToken.None);
        Assert.Null(problem);
        using (body)
        {
            return body!.Written.ToArray();
        }
    }

    private static async Task<string?> ProblemAsync(byte[] sent, string? encoding)
    {
        var (body, problem) = await BodyReader.ReadAsync(new MemoryStream(sent), encoding, sent.Length, CancellationToken.None);
        body?.Dispose();
        return problem?.Code;
    }

    private static byte[] Compress(string? encoding, byte[] body)
    {
        using var compressed = new MemoryStream();
        using (Stream? stream = encoding?.Trim().ToUpperInvariant() switch
        {
            "GZIP" => new GZipStream(compressed, CompressionLevel.Fastest),
            "BR" => new BrotliStream(compressed, CompressionLevel.Fastest),
            "ZSTD" => new CompressionStream(compressed, leaveOpen: false),
            "DEFLATE" => new ZLibStream(compressed, CompressionLevel.Fastest),
            _ => null,
        })
        {
            stream?.Write(body);
            if (stream is null)
            {
                return body;
            }
        }

        return compressed.ToArray();
    }
}
