using System.Text;
using Kixo.Persistence;
using ZstdSharp;

namespace Kixo.Cli.Letters;

/// <summary>The start of a letter's body for people to see what it is.</summary>
/// <param name="Encoding"><c>zstd</c>, <c>gzip</c>, <c>text</c> or <c>hex</c>: how the body reads.</param>
/// <param name="Start">Up to 4,096 characters of it.</param>
/// <param name="Problem">Where the reading ended before the body did; null when it did not.</param>
internal sealed record LetterBody(string Encoding, string Start, string? Problem)
{
    private const int MaxStart = 4_096;
    private const int MaxHexBytes = 256;

    private static readonly UTF8Encoding Lenient = new();
    private static readonly UTF8Encoding Strict = new(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true);

    /// <returns>Null for a letter without one.</returns>
    public static LetterBody? Of(DeadLetter letter)
    {
        if (letter.Body is not { } body)
        {
            return null;
        }

        if (letter.Properties.TryGetValue("encoding", out var name) && ChunkEncodings.TryParse(name.Value, out var encoding))
        {
            var (lines, problem) = Decompress(body, encoding);
            if (lines.Length > 0)
            {
                return new(encoding.Name(), Lenient.GetString(lines), problem);
            }
        }

        return IsText(body)
            ? new("text", Lenient.GetString(body.AsSpan(0, Math.Min(body.Length, MaxStart))), null)
            : new("hex", Convert.ToHexStringLower(body.AsSpan(0, Math.Min(body.Length, MaxHexBytes))), null);
    }

    private static (byte[] Lines, string? Problem) Decompress(byte[] body, ChunkEncoding encoding)
    {
        var (start, length) = (new byte[MaxStart], 0);
        try
        {
            using var lines = encoding.Decompress(new MemoryStream(body));
            while (length < start.Length && lines.Read(start, length, start.Length - length) is var read and > 0)
            {
                length += read;
            }

            return (start[..length], null);
        }
        catch (Exception e) when (e is InvalidDataException or ZstdException or EndOfStreamException)
        {
            return (start[..length], e.Message);
        }
    }

    private static bool IsText(byte[] body)
    {
        try
        {
            return !Strict.GetString(body).Any(c => char.IsControl(c) && c is not ('\n' or '\r' or '\t'));
        }
        catch (DecoderFallbackException)
        {
            return false;
        }
    }
}
