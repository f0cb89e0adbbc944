using Microsoft.Azure.Functions.Worker;
using Microsoft.Azure.Functions.Worker.Hosting;
using Microsoft.Azure.Functions.Worker.Http;

namespace Kixo.Tests.StandIns.Functions;

public sealed class HttpRouteTests
{
    [Theory]
    [InlineData("", "v1/batch", "/v1/batch")]
    [InlineData("", "/v1/batch/", "/v1/batch")]
    [InlineData("api", "v1/batch", "/api/v1/batch")]
    [InlineData("api", null, "/api/Greet")]
    [InlineData("", "", "/")]
    public void The_template_is_the_route_or_the_name_behind_the_prefix(string prefix, string? route, string template)
    {
        var trigger = new HttpTriggerAttribute("post") { Route = route };

        Assert.Equal(template, HttpRoute.Of(Some.Function(nameof(SampleFunctions.Greet)), trigger, prefix).Template);
    }

    [Fact]
    public void It_is_described_as_Core_Tools_do()
    {
        var route = HttpRoute.Of(Some.Function(nameof(SampleFunctions.Greet)), new HttpTriggerAttribute("get", "post") { Route = "x" }, "");

        Assert.Equal("[GET,POST] http://127.0.0.1:7071/x", route.Describe("http://127.0.0.1:7071"));
    }

    private static class Some
    {
        public static HostedFunction Function(string name) => new(name, typeof(SampleFunctions).GetMethod(name)!);
    }
}
