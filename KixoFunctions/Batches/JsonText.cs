using System.Buffers;
using System.Buffers.Text;
using System.Text;
using System.Text.Json;
using System.Text.Unicode;

namespace Kixo.Batches;

/// <summary>What the reader needs of JSON beyond <see cref="Utf8JsonReader"/>: raw tokens, and where a text is broken.</summary>
internal static class JsonText
{
    public static JsonReaderOptions Options(int maxDepth) => new() { MaxDepth = maxDepth };

    /// <summary>The place among <paramref name="names"/> of the member's name that the reader stands at, or -1.</summary>
    public static int IndexOfName(in Utf8JsonReader reader, string[] names)
    {
        // An escaped half of a surrogate pair is JSON by its grammar, but no text to compare with: the reader would throw.
        if (reader.ValueIsEscaped && HasHalfPair(reader.ValueSpan))
        {
            return -1;
        }

        for (var i = 0; i < names.Length; i++)
        {
            if (reader.ValueTextEquals(names[i]))
            {
                return i;
            }
        }

        return -1;
    }

    /// <summary>Why the body is not JSON, with line and byte (both from 1); slow, for bodies that are refused.</summary>
    public static BatchProblem Malformed(ReadOnlySpan<byte> body)
    {
        if (InvalidUtf8At(body) is int at)
        {
            var before = body[..at];
            var line = before.Count((byte)'\n');
            return At(line, at - (before.LastIndexOf((byte)'\n') + 1), "is not UTF-8");
        }

        var reader = new Utf8JsonReader(body, Options(BatchLimits.MaxDepth));
        try
        {
            while (reader.Read())
            {
            }
        }
        catch (JsonException e)
        {
            var why = reader.CurrentDepth >= BatchLimits.MaxDepth - 1 && e.Message.Contains("depth", StringComparison.Ordinal)
                ? $"nests deeper than {BatchLimits.MaxDepth} levels"
                : "is not valid JSON";
            return At(e.LineNumber ?? 0, e.BytePositionInLine ?? 0, why);
        }

        return At(0, 0, "is not a JSON object");

        static BatchProblem At(long line, long column, string why) =>
            new(BatchProblem.MalformedJson, $"The body {why}: line {line + 1}, byte {column + 1}.");
    }

    /// <summary>The bytes of a string token, its quotes taken off, unescaped into <paramref name="space"/> where it must be.</summary>
    /// <returns>False when it is no text (a lone surrogate) or, with escapes, longer than <paramref name="space"/>.</returns>
    public static bool TryUnescape(ReadOnlySpan<byte> token, Span<byte> space, out ReadOnlySpan<byte> text)
    {
        text = token[1..^1];
        if (!text.Contains((byte)'\\'))
        {
            return true;
        }

        // An escape is at most six bytes for each byte of text that it stands for.
        if (text.Length > space.Length * 6)
        {
            return false;
        }

        var unescaped = ArrayPool<byte>.Shared.Rent(token.Length);
        try
        {
            var reader = new Utf8JsonReader(token);
            reader.Read();
            var length = reader.CopyString(unescaped);
            if (length > space.Length)
            {
                return false;
            }

            unescaped.AsSpan(0, length).CopyTo(space);
            text = space[..length];
            return true;
        }
        catch (InvalidOperationException)
        {
            return false;
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(unescaped);
        }
    }

    /// <summary>Whether a string token has 1 to <paramref name="max"/> characters (Unicode code points).</summary>
    public static bool HasLength(ReadOnlySpan<byte> token, int max)
    {
        var text = token[1..^1];
        return text.Length <= max ? !text.IsEmpty : CodePoints(text) <= max;
    }

    /// <summary>
    /// Copies raw JSON so that it stands on one line and every reader takes it. A line break can only stand between tokens, where
    /// a space says the same; an escaped half of a surrogate pair, for which DuckDB refuses a whole file, becomes U+FFFD.
    /// </summary>
    public static void CopyOnOneLine(ReadOnlySpan<byte> json, Span<byte> destination)
    {
        json.CopyTo(destination);
        var rest = destination[..json.Length];
        while (rest.IndexOfAny((byte)'\n', (byte)'\r', (byte)'\\') is var at and >= 0)
        {
            rest = rest[at..];
            if (rest[0] != '\\')
            {
                rest[0] = (byte)' ';
                rest = rest[1..];
            }
            else if (IsPair(rest))
            {
                rest = rest[12..];
            }
            else
            {
                if (char.IsSurrogate(CodeUnit(rest)))
                {
                    @"\ufffd"u8.CopyTo(rest);
                }

                rest = rest[2..];
            }
        }
    }

    private static bool HasHalfPair(ReadOnlySpan<byte> text)
    {
        while (text.IndexOf((byte)'\\') is var at and >= 0)
        {
            text = text[at..];
            var unit = CodeUnit(text);
            if (char.IsSurrogate(unit) && !IsPair(text))
            {
                return true;
            }

            text = text[(char.IsSurrogate(unit) ? 12 : 2)..];
        }

        return false;
    }

    /// <summary>Whether the text starts with two escapes that stand for one character.</summary>
    private static bool IsPair(ReadOnlySpan<byte> text) => char.IsHighSurrogate(CodeUnit(text)) && char.IsLowSurrogate(CodeUnit(text[6..]));

    /// <summary>What an escape such as <c>\ud83d</c> at the start of the text stands for; nothing when there is none.</summary>
    private static char CodeUnit(ReadOnlySpan<byte> text) =>
        text is [(byte)'\\', (byte)'u', _, _, _, _, ..] && Utf8Parser.TryParse(text[2..6], out ushort unit, out _, 'x') ? (char)unit : default;

    /// <summary>Where the text stops being UTF-8, or null.</summary>
    private static int? InvalidUtf8At(ReadOnlySpan<byte> text)
    {
        if (Utf8.IsValid(text))
        {
            return null;
        }

        var at = 0;
        while (Rune.DecodeFromUtf8(text[at..], out _, out var length) == OperationStatus.Done)
        {
            at += length;
        }

        return at;
    }

    /// <summary>Of the raw text of a string: an escape stands for one, and so do two that make a surrogate pair.</summary>
    private static int CodePoints(ReadOnlySpan<byte> text)
    {
        var count = 0;
        while (!text.IsEmpty)
        {
            var isContinuation = (text[0] & 0xC0) == 0x80;
            count += isContinuation ? 0 : 1;
            text = text[LengthOfNext(text)..];
        }

        return count;

        static int LengthOfNext(ReadOnlySpan<byte> text) =>
            text[0] != '\\' ? 1
            : text[1] != 'u' ? 2
            : IsPair(text) ? 12 : 6;
    }
}
