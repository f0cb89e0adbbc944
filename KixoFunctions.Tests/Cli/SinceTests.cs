using System.Globalization;
using Kixo.Cli;
using Kixo.Cli.Events;
using Kixo.Tests.Support;

namespace Kixo.Tests.Cli;

public sealed class SinceTests
{
    [Theory]
    [InlineData("0s", "2026-04-08T12:00:00.0000000Z")]
    [InlineData("30s", "2026-04-08T11:59:30.0000000Z")]
    [InlineData("15m", "2026-04-08T11:45:00.0000000Z")]
    [InlineData("1h", "2026-04-08T11:00:00.0000000Z")]
    [InlineData("2d", "2026-04-06T12:00:00.0000000Z")]
    [InlineData("2147483647d", "1970-01-01T00:00:00.0000000Z")]
    [InlineData("2026-04-08T12:00:00Z", "2026-04-08T12:00:00.0000000Z")]
    [InlineData("2026-04-08T14:00:00+02:00", "2026-04-08T12:00:00.0000000Z")]
    [InlineData("2026-04-08", "2026-04-08T00:00:00.0000000Z")]
    public void Parse_AgoOrTime_IsUtc(string text, string expected) =>
        Assert.Equal(expected, Since.Parse(text, Some.Time).ToString("O", CultureInfo.InvariantCulture));

    [Theory]
    [InlineData("")]
    [InlineData("h")]
    [InlineData("10")]
    [InlineData("10w")]
    [InlineData("-1h")]
    [InlineData("1.5h")]
    [InlineData("yesterday")]
    public void Parse_AnythingElse_SaysWhatIsExpected(string text) =>
        Assert.Contains("30s, 15m, 1h, 2d", Assert.Throws<CliException>(() => Since.Parse(text, Some.Time)).Message, StringComparison.Ordinal);
}
