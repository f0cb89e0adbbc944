using Kixo.Cli;

namespace Kixo.Tests.Cli;

public sealed class AppUrlTests
{
    [Theory]
    [InlineData("http://127.0.0.1:7071")]
    [InlineData("https://kixo.azurewebsites.net/")]
    public void Parse_AUrl_IsIt(string text) => Assert.Equal(new Uri(text), AppUrl.Parse(text));

    [Theory]
    [InlineData("")]
    [InlineData("kixo.azurewebsites.net")]
    [InlineData("/v1/batch")]
    [InlineData("ftp://kixo")]
    public void Parse_AnythingElse_SaysWhatIsExpected(string text) => Assert.Throws<CliException>(() => AppUrl.Parse(text));
}
