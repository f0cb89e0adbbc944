using Kixo.Cli;
using Kixo.Cli.Projects;

namespace Kixo.Tests.Cli;

public sealed class RequestLimitTests
{
    [Theory]
    [InlineData("1", 1)]
    [InlineData("250", 250)]
    [InlineData("100000", 100_000)]
    [InlineData("default", null)]
    public void Parse_NumberOrDefault_IsTheLimit(string text, int? expected) => Assert.Equal(expected, RequestLimit.Parse(text));

    [Theory]
    [InlineData("")]
    [InlineData("0")]
    [InlineData("-1")]
    [InlineData("100001")]
    [InlineData("99999999999")]
    [InlineData("1.5")]
    [InlineData("1,000")]
    [InlineData("none")]
    public void Parse_AnythingElse_SaysWhatIsExpected(string text) =>
        Assert.Contains("1 to 100000 requests a second, or 'default'", Assert.Throws<CliException>(() => RequestLimit.Parse(text)).Message, StringComparison.Ordinal);
}
