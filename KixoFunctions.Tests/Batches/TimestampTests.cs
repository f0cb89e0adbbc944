using System.Globalization;
using System.Text;
using CsCheck;
using Kixo.Batches;

namespace Kixo.Tests.Batches;

public sealed class TimestampTests
{
    [Theory]
    [InlineData("2026-04-08T12:00:00Z", "2026-04-08T12:00:00.0000000Z")]
    [InlineData("2026-04-08t12:00:00z", "2026-04-08T12:00:00.0000000Z")]
    [InlineData("2026-04-08T12:00:00", "2026-04-08T12:00:00.0000000Z")]
    [InlineData("2026-04-08T12:00:00.5", "2026-04-08T12:00:00.5000000Z")]
    [InlineData("2026-04-08T12:00:00.123Z", "2026-04-08T12:00:00.1230000Z")]
    [InlineData("2026-04-08T12:00:00.1234567Z", "2026-04-08T12:00:00.1234567Z")]
    [InlineData("2026-04-08T12:00:00.123456789+00:00", "2026-04-08T12:00:00.1234567Z")]
    [InlineData("2026-04-08T12:00:00+02:00", "2026-04-08T10:00:00.0000000Z")]
    [InlineData("2026-04-08T12:00:00-0930", "2026-04-08T21:30:00.0000000Z")]
    [InlineData("2026-04-08T12:00:00+02", "2026-04-08T10:00:00.0000000Z")]
    [InlineData("2026-12-31T23:59:59-23:59", "2027-01-01T23:58:59.0000000Z")]
    [InlineData("2024-02-29T00:00:00Z", "2024-02-29T00:00:00.0000000Z")]
    [InlineData("0001-01-01T00:00:00Z", "0001-01-01T00:00:00.0000000Z")]
    [InlineData("9999-12-31T23:59:59.999999999Z", "9999-12-31T23:59:59.9999999Z")]
    public void TryParse_IsoDateTime_GivesUtc(string text, string expected)
    {
        Assert.True(Timestamp.TryParse(Encoding.UTF8.GetBytes(text), out var utc));
        Assert.Equal((expected, DateTimeKind.Utc), (utc.ToString("O", CultureInfo.InvariantCulture), utc.Kind));
    }

    [Theory]
    [InlineData("")]
    [InlineData("2026-04-08")]
    [InlineData("2026-04-08T12:00")]
    [InlineData("2026-04-08T12:00Z")]
    [InlineData("2026-04-08 12:00:00Z")]
    [InlineData("2026/04/08T12:00:00Z")]
    [InlineData("2026-04-08T12.00.00Z")]
    [InlineData("0000-01-01T00:00:00Z")]
    [InlineData("2026-00-08T12:00:00Z")]
    [InlineData("2026-13-08T12:00:00Z")]
    [InlineData("2026-04-00T12:00:00Z")]
    [InlineData("2026-04-31T12:00:00Z")]
    [InlineData("2025-02-29T12:00:00Z")]
    [InlineData("2026-04-08T24:00:00Z")]
    [InlineData("2026-04-08T12:60:00Z")]
    [InlineData("2026-04-08T12:00:60Z")]
    [InlineData("2026-04-08T1a:00:00Z")]
    [InlineData("-026-04-08T12:00:00Z")]
    [InlineData("2026-04-08T12:00:00.")]
    [InlineData("2026-04-08T12:00:00.Z")]
    [InlineData("2026-04-08T12:00:00.1234567890Z")]
    [InlineData("2026-04-08T12:00:00,5Z")]
    [InlineData("2026-04-08T12:00:00ZZ")]
    [InlineData("2026-04-08T12:00:00 Z")]
    [InlineData("2026-04-08T12:00:00+")]
    [InlineData("2026-04-08T12:00:00+2")]
    [InlineData("2026-04-08T12:00:00+2:00")]
    [InlineData("2026-04-08T12:00:00+02:")]
    [InlineData("2026-04-08T12:00:00+02:0")]
    [InlineData("2026-04-08T12:00:00+02:000")]
    [InlineData("2026-04-08T12:00:00+02-00")]
    [InlineData("2026-04-08T12:00:00+24:00")]
    [InlineData("2026-04-08T12:00:00+02:60")]
    [InlineData("2026-04-08T12:00:00*02:00")]
    [InlineData("2026-04-08T12:00:00Z+02:00")]
    [InlineData("0001-01-01T00:00:00+00:01")]
    [InlineData("9999-12-31T23:59:59-00:01")]
    [InlineData("٢٠٢٦-04-08T12:00:00Z")]
    public void TryParse_AnythingElse_IsRefused(string text) =>
        Assert.False(Timestamp.TryParse(Encoding.UTF8.GetBytes(text), out _));

    [Fact]
    public void What_is_formatted_at_any_offset_is_read_back() =>
        Gen.Select(Gen.DateTime, Gen.Int[-14 * 60, 14 * 60]).Sample((any, minutes) =>
        {
            var instant = new DateTimeOffset(new DateTime(Math.Clamp(any.Ticks, TimeSpan.TicksPerDay, DateTime.MaxValue.Ticks - TimeSpan.TicksPerDay)), TimeSpan.Zero)
                .ToOffset(TimeSpan.FromMinutes(minutes));

            Assert.True(Timestamp.TryParse(Encoding.UTF8.GetBytes(instant.ToString("O", CultureInfo.InvariantCulture)), out var utc));
            Assert.Equal(instant.UtcDateTime, utc);
        });

    [Fact]
    public void Random_bytes_are_refused_without_an_exception() =>
        Gen.Byte.Array[0, 40].Sample(text => Assert.False(Timestamp.TryParse(text, out _)));

    [Fact]
    public void Write_KeepsMillisecondsAndCutsTheRest()
    {
        Span<byte> text = stackalloc byte[Timestamp.StoredLength];

        Timestamp.Write(new DateTime(2026, 4, 8, 12, 0, 0, 7, DateTimeKind.Utc).AddTicks(9_999), text);

        Assert.Equal("2026-04-08T12:00:00.007Z", Encoding.ASCII.GetString(text));
    }

    [Fact]
    public void Shift_PastTheLastOrFirstDateTime_StaysThere()
    {
        Assert.Equal(DateTime.MaxValue, Timestamp.Shift(DateTime.MaxValue.AddDays(-1), TimeSpan.FromDays(2)));
        Assert.Equal(DateTime.MinValue, Timestamp.Shift(DateTime.MinValue.AddDays(1), TimeSpan.FromDays(-2)));
    }
}
