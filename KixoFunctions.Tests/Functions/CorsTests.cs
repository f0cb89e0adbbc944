using Kixo.Functions;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Options;

namespace Kixo.Tests.Functions;

public sealed class CorsTests
{
    [Theory]
    [InlineData("*", "https://a.example", true, "*")]
    [InlineData("https://a.example, https://b.example", "https://b.example", true, "https://b.example")]
    [InlineData("https://a.example", "https://b.example", false, null)]
    [InlineData("https://a.example", "https://a.example:8443", false, null)]
    [InlineData("https://a.example", null, false, null)]
    public void Allow_Origin_IsAsSet(string setting, string? origin, bool expected, string? header)
    {
        var http = new DefaultHttpContext();
        http.Request.Headers.Origin = origin;

        Assert.Equal(expected, Cors(setting).Allow(http));

        Assert.Equal(header, (string?)http.Response.Headers.AccessControlAllowOrigin);
        Assert.Equal(setting == "*" ? null : "Origin", (string?)http.Response.Headers.Vary);
    }

    [Theory]
    [InlineData("*", true)]
    [InlineData("https://a.example,http://localhost:3000", true)]
    [InlineData("a.example", false)]
    [InlineData("https://a.example/", false)]
    [InlineData("", false)]
    public void AllowedOrigins_AreOriginsOrAll(string setting, bool valid) =>
        Assert.Equal(valid, new CorsOptionsValidator().Validate(null, new CorsOptions { AllowedOrigins = setting }).Succeeded);

    private static Cors Cors(string setting) => new(Options.Create(new CorsOptions { AllowedOrigins = setting }));
}
