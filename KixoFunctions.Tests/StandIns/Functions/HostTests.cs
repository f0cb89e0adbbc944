using System.Diagnostics.Metrics;
using System.Net;
using System.Reflection;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.Azure.Functions.Worker.Builder;
using Microsoft.Azure.Functions.Worker.Hosting;
using Microsoft.Azure.Functions.Worker.Http;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace Kixo.Tests.StandIns.Functions;

/// <summary>The host as a whole, over HTTP, with the functions of <see cref="SampleFunctions"/>.</summary>
[Collection(nameof(MeterTotals))] // which listens to every meter of the process
public sealed class HostTests : IDisposable
{
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(20);

    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("kixo-host-");
    private readonly HttpClient _client = new();
    private readonly SampleFunctions.Gate _gate = new();

    [Fact]
    public async Task A_function_is_invoked_with_its_arguments_behind_the_default_prefix()
    {
        using var host = await StartAsync();

        Assert.Equal("Greet Ann Ann True", await _client.GetStringAsync("api/greet/Ann"));
    }

    [Fact]
    public async Task The_prefix_of_host_json_holds_and_settings_override_it()
    {
        await File.WriteAllTextAsync(Path.Combine(_folder.FullName, "host.json"), """{ "extensions": { "http": { "routePrefix": "a" } } }""");
        await File.WriteAllTextAsync(
            Path.Combine(_folder.FullName, "local.settings.json"), """{ "Values": { "AzureFunctionsJobHost__extensions__http__routePrefix": "b/c" } }""");
        using var host = await StartAsync();

        Assert.Equal("Greet Ann Ann True", await _client.GetStringAsync("b/c/greet/Ann"));
    }

    [Theory]
    [InlineData("GET", "api/nowhere", HttpStatusCode.NotFound)]
    [InlineData("DELETE", "api/greet/Ann", HttpStatusCode.MethodNotAllowed)]
    [InlineData("PATCH", "api/teapot", (HttpStatusCode)418)]
    [InlineData("GET", "admin/host/ping", HttpStatusCode.OK)]
    public async Task The_route_and_the_method_decide_the_status(string method, string path, HttpStatusCode status)
    {
        using var host = await StartAsync();
        using var request = new HttpRequestMessage(new HttpMethod(method), path);

        using var response = await _client.SendAsync(request);

        Assert.Equal(status, response.StatusCode);
        Assert.Empty(response.Headers.Server);
    }

    [Fact]
    public async Task A_function_that_throws_is_an_empty_500()
    {
        using var host = await StartAsync();

        using var response = await _client.GetAsync("api/throw");

        Assert.Equal(HttpStatusCode.InternalServerError, response.StatusCode);
        Assert.Equal("", await response.Content.ReadAsStringAsync());
        Assert.False(response.Headers.Contains("x-left-over"));
    }

    [Fact]
    public async Task Who_watches_the_answers_sees_each_and_the_client_gets_it_all_the_same()
    {
        using var host = await StartAsync();
        var feed = host.Services.GetRequiredService<AnswerFeed>();
        using var ended = new CancellationTokenSource();
        await using var watched = feed.WatchAsync(ended.Token).GetAsyncEnumerator(ended.Token);
        var next = watched.MoveNextAsync().AsTask();

        Assert.Equal("Greet Ann Ann True", await _client.GetStringAsync("api/greet/Ann"));
        using var failed = await _client.GetAsync("api/throw");

        Assert.True(await next.WaitAsync(Limit, TimeProvider.System));
        Assert.Equal(("GET", "/api/greet/Ann", 200, "Greet Ann Ann True"), (watched.Current.Method, watched.Current.Path, watched.Current.Status, watched.Current.Body));
        Assert.True(await watched.MoveNextAsync().AsTask().WaitAsync(Limit, TimeProvider.System));
        Assert.Equal((500, ""), (watched.Current.Status, watched.Current.Body));
        Assert.Equal(HttpStatusCode.InternalServerError, failed.StatusCode);
    }

    [Fact]
    public async Task Without_ConfigureFunctionsWebApplication_no_function_is_served()
    {
        using var host = await StartAsync(builder => builder.ServesHttpFunctions = false);

        using var response = await _client.GetAsync("api/greet/Ann");

        Assert.Equal(HttpStatusCode.NotFound, response.StatusCode);
    }

    [Fact]
    public async Task A_disabled_function_is_not_served()
    {
        using var host = await StartAsync(builder => builder.Configuration["AzureWebJobs.Greet.Disabled"] = "true");

        using var response = await _client.GetAsync("api/greet/Ann");

        Assert.Equal(HttpStatusCode.NotFound, response.StatusCode);
    }

    [Fact]
    public async Task Each_invocation_has_a_scope_of_its_own()
    {
        using var host = await StartAsync();

        await _client.GetStringAsync("api/greet/Ann");
        await _client.GetStringAsync("api/greet/Bob");
        await host.StopAsync();

        Assert.Equal((2, 2), (_gate.Created, _gate.Disposed));
    }

    [Fact]
    public async Task Middleware_wraps_every_invocation_the_first_outermost()
    {
        List<string> seen = [];
        using var host = await StartAsync(builder =>
        {
            builder.Use(next => context =>
            {
                seen.Add("outer " + context.FunctionDefinition.Name);
                return next(context);
            });
            builder.Use(next => context =>
            {
                seen.Add("inner");
                return next(context);
            });
        });

        await _client.GetStringAsync("api/greet/Ann");

        Assert.Equal(["outer Greet", "inner"], seen);
    }

    [Fact]
    public async Task A_request_in_flight_is_answered_when_the_host_stops()
    {
        using var host = await StartAsync();
        var answer = _client.GetStringAsync("api/wait");
        await _gate.Entered.Task.WaitAsync(Limit);

        var stopped = host.StopAsync();
        _gate.LetGo.SetResult();

        Assert.Equal("waited", await answer.WaitAsync(Limit));
        await stopped.WaitAsync(Limit);
    }

    [Fact]
    public async Task The_counters_of_the_app_are_told()
    {
        using var host = await StartAsync();
        using var meter = new Meter("Kixo.HostTests");
        meter.CreateCounter<long>("kixo.host_tests").Add(3, new KeyValuePair<string, object?>("outcome", "accepted"));

        Assert.Contains("\"kixo.host_tests{outcome=accepted}\":3", await _client.GetStringAsync("admin/host/counters"), StringComparison.Ordinal);
    }

    [Fact]
    public void A_parameter_that_cannot_be_bound_is_named_at_start()
    {
        var method = typeof(SampleFunctions).GetMethod(nameof(SampleFunctions.Unbindable), BindingFlags.Static | BindingFlags.NonPublic)!;

        var exception = Assert.Throws<NotSupportedException>(() => new HostedFunction("Unbindable", method));

        Assert.Contains("parameter uri", exception.Message, StringComparison.Ordinal);
    }

    public void Dispose()
    {
        _client.Dispose();
        _folder.Delete(recursive: true);
    }

    private async Task<IHost> StartAsync(Action<FunctionsApplicationBuilder>? configure = null)
    {
        var builder = FunctionsApplication.CreateBuilder(["--urls", "http://127.0.0.1:0"], typeof(SampleFunctions).Assembly, _folder.FullName);
        builder.ConfigureFunctionsWebApplication();
        builder.Logging.ClearProviders();
        builder.Services.AddSingleton(_gate);
        builder.Services.AddScoped<SampleFunctions.Lifetime>();
        configure?.Invoke(builder);
        var host = builder.Build();
        await host.StartAsync();
        _client.BaseAddress = new Uri(host.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses.Single());
        return host;
    }
}
