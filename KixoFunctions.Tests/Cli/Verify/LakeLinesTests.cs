using System.Text;
using CsCheck;
using Kixo.Cli.Verify;

namespace Kixo.Tests.Cli.Verify;

public sealed class LakeLinesTests
{
    private static readonly Gen<ChunkEncoding> Encodings = Gen.Bool.Select(gzip => gzip ? ChunkEncoding.Gzip : ChunkEncoding.Zstd);

    private static readonly Gen<string[][]> Frames = Gen.String[Gen.Char['a', 'z'], 0, 50].Array[1, 20].Array[1, 5];

    [Fact]
    public Task All_lines_of_all_frames_are_read_in_order() => Gen.Select(Frames, Encodings).SampleAsync(async (frames, encoding) =>
    {
        var (lines, problem) = await ReadAsync(Blob(frames, encoding), encoding);

        Assert.Null(problem);
        Assert.Equal(frames.SelectMany(frame => frame), lines);
    });

    [Fact]
    public Task A_flipped_bit_is_found_or_changes_nothing() =>
        Gen.Select(Frames, Encodings, Gen.Double[0, 1], Gen.Int[0, 7]).SampleAsync(async (frames, encoding, at, bit) =>
        {
            var blob = Blob(frames, encoding);
            blob[(int)(at * (blob.Length - 1))] ^= (byte)(1 << bit);

            var (lines, problem) = await ReadAsync(blob, encoding);

            // Headers have bits that mean nothing for the lines.
            Assert.True(problem is not null || lines.SequenceEqual(frames.SelectMany(frame => frame)), "changed lines were read without a word");
        }, iter: 2_000);

    [Fact]
    public Task A_cut_within_a_frame_is_found() => Gen.Select(Frames, Encodings, Gen.Double[0, 1], Gen.Int[1, 50]).SampleAsync(async (frames, encoding, at, length) =>
    {
        var blob = Blob(frames, encoding);
        var start = (int)(at * (blob.Length - 1));
        byte[] cut = [.. blob[..start], .. blob[Math.Min(blob.Length, start + length)..]];

        // Frames begin alike: a cut from within one to the same place in another takes whole frames out, which only the watermark could tell.
        var wholeFrames = Enumerable.Range(0, frames.Length).Any(first => Enumerable.Range(first, frames.Length - first).Any(last =>
            cut.AsSpan().SequenceEqual(Blob([.. frames[..first], .. frames[(last + 1)..]], encoding))));

        var (lines, problem) = await ReadAsync(cut, encoding);

        Assert.True(wholeFrames || problem is not null || lines.SequenceEqual(frames.SelectMany(frame => frame)), "missing bytes were not missed");
    }, iter: 2_000);

    [Theory]
    [InlineData(nameof(ChunkEncoding.Zstd))]
    [InlineData(nameof(ChunkEncoding.Gzip))]
    public async Task What_stands_behind_the_frames_is_found(string name)
    {
        var encoding = Enum.Parse<ChunkEncoding>(name);
        var (lines, problem) = await ReadAsync([.. Blob([["a", "b"]], encoding), .. "hello"u8], encoding);

        Assert.Equal(["a", "b"], lines);
        Assert.StartsWith("Behind line 2 it is not valid", problem, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_line_without_an_end_and_one_that_is_too_long_are_found()
    {
        Assert.Equal("Line 2 has no end.", (await ReadAsync(Stored.Frame("a\nb"u8.ToArray()), ChunkEncoding.Zstd)).Problem);

        var tooLong = new byte[300_000];
        Assert.StartsWith("Line 1 is over 262,144 bytes long", (await ReadAsync(Stored.Frame(tooLong), ChunkEncoding.Zstd)).Problem, StringComparison.Ordinal);
    }

    private static byte[] Blob(string[][] frames, ChunkEncoding encoding) =>
        [.. frames.SelectMany(frame => Stored.Frame(Encoding.UTF8.GetBytes(string.Concat(frame.Select(line => $"{line}\n"))), encoding))];

    private static async Task<(List<string> Lines, string? Problem)> ReadAsync(byte[] blob, ChunkEncoding encoding)
    {
        var lines = new List<string>();
        using var stream = new MemoryStream(blob);
        var problem = await LakeLines.ReadAsync(stream, encoding, (line, number) =>
        {
            lines.Add(Encoding.UTF8.GetString(line));
            Assert.Equal(lines.Count, number);
        }, CancellationToken.None);
        return (lines, problem);
    }
}
