namespace Kixo.Batches;

/// <summary>
/// ISO 8601 date-times as the contract takes them (<c>2026-04-08T12:00:00.123456789+02:00</c>: with <c>Z</c>, an offset or
/// none, which is UTC; 0 to 9 fractional digits) and as it stores them (UTC, milliseconds, <c>Z</c>).
/// </summary>
internal static class Timestamp
{
    public const string Expected = "expected an ISO 8601 date-time such as 2026-04-08T12:00:00Z.";

    /// <summary>Bytes of a stored timestamp: <c>2026-04-08T12:00:00.000Z</c>.</summary>
    public const int StoredLength = 24;

    /// <summary>Reads a timestamp, without its quotes; what is finer than a tick (100 ns) is cut.</summary>
    public static bool TryParse(ReadOnlySpan<byte> text, out DateTime utc)
    {
        utc = default;
        if (text.Length < 19 || text[4] != '-' || text[7] != '-' || (text[10] | 0x20) != 't' || text[13] != ':' || text[16] != ':'
            || !TryDigits(text[..4], out var year) || !TryDigits(text[5..7], out var month) || !TryDigits(text[8..10], out var day)
            || !TryDigits(text[11..13], out var hour) || !TryDigits(text[14..16], out var minute) || !TryDigits(text[17..19], out var second)
            || year < 1 || month is < 1 or > 12 || day < 1 || day > DateTime.DaysInMonth(year, month)
            || hour > 23 || minute > 59 || second > 59)
        {
            return false;
        }

        var rest = text[19..];
        if (!TryFraction(ref rest, out var fraction) || !TryOffset(rest, out var offset))
        {
            return false;
        }

        var ticks = new DateTime(year, month, day, hour, minute, second, DateTimeKind.Utc).Ticks + fraction - offset;
        if (ticks < DateTime.MinValue.Ticks || ticks > DateTime.MaxValue.Ticks)
        {
            return false;
        }

        utc = new DateTime(ticks, DateTimeKind.Utc);
        return true;
    }

    /// <summary>Writes <see cref="StoredLength"/> bytes.</summary>
    public static void Write(DateTime utc, Span<byte> destination)
    {
        var (date, time) = utc;
        var (year, month, day) = date;
        WriteDigits(year / 100, destination);
        WriteDigits(year % 100, destination[2..]);
        destination[4] = (byte)'-';
        WriteDigits(month, destination[5..]);
        destination[7] = (byte)'-';
        WriteDigits(day, destination[8..]);
        destination[10] = (byte)'T';
        WriteDigits(time.Hour, destination[11..]);
        destination[13] = (byte)':';
        WriteDigits(time.Minute, destination[14..]);
        destination[16] = (byte)':';
        WriteDigits(time.Second, destination[17..]);
        destination[19] = (byte)'.';
        destination[20] = (byte)('0' + (time.Millisecond / 100));
        WriteDigits(time.Millisecond % 100, destination[21..]);
        destination[23] = (byte)'Z';
    }

    /// <summary>The time moved by <paramref name="drift"/>, held within what a date-time can say.</summary>
    public static DateTime Shift(DateTime utc, TimeSpan drift) =>
        new(Math.Clamp(utc.Ticks + drift.Ticks, DateTime.MinValue.Ticks, DateTime.MaxValue.Ticks), DateTimeKind.Utc);

    private static bool TryFraction(ref ReadOnlySpan<byte> rest, out long ticks)
    {
        ticks = 0;
        if (rest.IsEmpty || rest[0] != '.')
        {
            return true;
        }

        var end = rest[1..].IndexOfAnyExceptInRange((byte)'0', (byte)'9');
        var digits = end < 0 ? rest[1..] : rest.Slice(1, end);
        if (digits.Length is 0 or > 9)
        {
            return false;
        }

        for (var i = 0; i < 7; i++)
        {
            ticks = (ticks * 10) + (i < digits.Length ? digits[i] - '0' : 0);
        }

        rest = rest[(1 + digits.Length)..];
        return true;
    }

    private static bool TryOffset(ReadOnlySpan<byte> rest, out long ticks)
    {
        ticks = 0;
        if (rest.IsEmpty || (rest.Length == 1 && (rest[0] | 0x20) == 'z'))
        {
            return true;
        }

        if (rest[0] is not ((byte)'+' or (byte)'-'))
        {
            return false;
        }

        // +02, +0200 or +02:00
        var minutes = rest.Length == 6 && rest[3] == ':' ? rest[4..] : rest.Length is 3 or 5 ? rest[3..] : default;
        if (rest.Length is not (3 or 5 or 6) || (rest.Length == 6 && minutes.IsEmpty)
            || !TryDigits(rest[1..3], out var h) || !TryDigits(minutes, out var m) || h > 23 || m > 59)
        {
            return false;
        }

        ticks = ((h * 60) + m) * TimeSpan.TicksPerMinute * (rest[0] == '-' ? -1 : 1);
        return true;
    }

    private static void WriteDigits(int value, Span<byte> destination)
    {
        destination[0] = (byte)('0' + (value / 10));
        destination[1] = (byte)('0' + (value % 10));
    }

    private static bool TryDigits(ReadOnlySpan<byte> text, out int value)
    {
        value = 0;
        foreach (var c in text)
        {
            var digit = c - '0';
            if ((uint)digit > 9)
            {
                return false;
            }

            value = (value * 10) + digit;
        }

        return true;
    }
}
