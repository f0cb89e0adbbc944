using System.Text;
using CsCheck;
using Kixo.Publishing;
using Kixo.Tests.Support;

namespace Kixo.Tests.Publishing;

public sealed class ChunkPackerTests
{
    [Fact]
    public void A_batch_of_usual_size_is_one_body()
    {
        var (body, count) = Assert.Single(ChunkPacker.Pack(Some.Lines(1_000), 1_000, ChunkEncoding.Zstd, 64 * 1024));

        Assert.Equal(1_000, count);
        Assert.Equal(Some.Lines(1_000), Unpack(body, ChunkEncoding.Zstd));
        body.Dispose();
    }

    [Theory]
    [InlineData(ChunkEncoding.Zstd)]
    [InlineData(ChunkEncoding.Gzip)]
    internal void Lines_that_do_not_compress_are_split_between_lines_and_each_is_there_once_in_order(ChunkEncoding encoding) =>
        Gen.Select(Gen.Byte.Array[1, 2_000].Array[1, 60], Gen.Int[3_000, 20_000]).Sample((random, maxBytes) =>
        {
            // The longest line has 2,669 bytes, and Base64 compresses to three quarters at best.
            var lines = Encoding.ASCII.GetBytes(string.Concat(random.Select(bytes => Convert.ToBase64String(bytes) + "\n")));

            var bodies = ChunkPacker.Pack(lines, random.Length, encoding, maxBytes);

            Assert.All(bodies, body => Assert.InRange(body.Body.Length, 1, maxBytes));
            var unpacked = bodies.Select(body => Unpack(body.Body, encoding)).ToArray();
            Assert.Equal(lines, unpacked.SelectMany(part => part).ToArray());
            Assert.Equal(bodies.Select(body => body.Count), unpacked.Select(part => part.Count(b => b == '\n')));
            Assert.All(unpacked, part => Assert.Equal((byte)'\n', part[^1]));
            bodies.ForEach(body => body.Body.Dispose());
        });

    [Fact]
    public void A_long_line_before_or_behind_short_ones_is_split_off()
    {
        var longLine = Convert.ToBase64String(RandomBytes(6_000)) + "\n";
        foreach (var text in new[] { longLine + "a\nb\n", "a\nb\n" + longLine, "a\n" + longLine + "b\n" })
        {
            var bodies = ChunkPacker.Pack(Encoding.ASCII.GetBytes(text), 3, ChunkEncoding.Zstd, 1_000);

            Assert.Equal(3, bodies.Sum(body => body.Count));
            Assert.Equal(text, string.Concat(bodies.Select(body => Encoding.ASCII.GetString(Unpack(body.Body, ChunkEncoding.Zstd)))));
        }
    }

    private static byte[] RandomBytes(int count)
    {
        var bytes = new byte[count];
        new Random(1).NextBytes(bytes);
        return bytes;
    }

    private static byte[] Unpack(PooledBuffer body, ChunkEncoding encoding)
    {
        using var lines = new MemoryStream();
        using var stream = encoding.Decompress(new MemoryStream(body.Written.ToArray()));
        stream.CopyTo(lines);
        return lines.ToArray();
    }
}
