using Kixo.Cli;

namespace Kixo.Tests.Cli;

public sealed class DurationTests
{
    [Theory]
    [InlineData("0s", 0)]
    [InlineData("90s", 90)]
    [InlineData("15m", 900)]
    [InlineData("12h", 43_200)]
    [InlineData("7d", 604_800)]
    public void TryParse_NumberAndUnit_IsSoLong(string text, int seconds)
    {
        Assert.True(Duration.TryParse(text, out var duration));
        Assert.Equal(TimeSpan.FromSeconds(seconds), duration);
    }

    [Theory]
    [InlineData("")]
    [InlineData("d")]
    [InlineData("7")]
    [InlineData("7w")]
    [InlineData("-7d")]
    [InlineData("1.5h")]
    [InlineData("99999999999d")]
    public void TryParse_AnythingElse_IsNone(string text) => Assert.False(Duration.TryParse(text, out _));
}
