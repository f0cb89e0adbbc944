using System.Collections.Concurrent;
using System.IO.Compression;
using System.Net;
using Kixo.Local;
using Kixo.Tests.Support;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;

namespace Kixo.Tests.Telemetry;

/// <summary>The way to Application Insights, to an address that takes what is sent there.</summary>
public sealed class ApplicationInsightsTests : IAsyncLifetime
{
    private readonly TestStack _stack = new();
    private readonly ConcurrentQueue<string> _received = new();
    private WebApplication _ingestion = null!;

    public async Task InitializeAsync()
    {
        var url = $"http://127.0.0.1:{Ports.Free()}";
        var builder = WebApplication.CreateSlimBuilder();
        builder.WebHost.UseUrls(url);
        _ingestion = builder.Build();
        _ingestion.MapPost("/{**path}", TakeAsync);
        await _ingestion.StartAsync(CancellationToken.None);
        _stack.Settings["APPLICATIONINSIGHTS_CONNECTION_STRING"] = $"InstrumentationKey={Guid.Empty};IngestionEndpoint={url}/;LiveEndpoint={url}/";
        _stack.Settings["APPLICATIONINSIGHTS_STATSBEAT_DISABLED"] = "true";
        await _stack.InitializeAsync();
    }

    public async Task DisposeAsync()
    {
        await _stack.DisposeAsync();
        await _ingestion.DisposeAsync();
    }

    [Fact]
    public async Task Metrics_spans_and_warnings_go_there()
    {
        await _stack.PostUntilAsync(HttpStatusCode.OK, Some.Body());
        await _stack.StoredAsync(Some.Project, 1); // the lag is measured as it is stored, out of the hub
        await _stack.StopHubAsync();
        await _stack.PostUntilAsync(HttpStatusCode.ServiceUnavailable, Some.Body());

        await TestStack.EventuallyAsync(
            () => Task.FromResult(((string[])["kixo.requests", "kixo.lake.lag", "\"ingest\"", "did not acknowledge a batch"])
                .All(sign => _received.Any(body => body.Contains(sign, StringComparison.Ordinal)))),
            () => $"metrics, spans and a warning; there are {_received.Count} bodies");
    }

    private async Task<IResult> TakeAsync(HttpRequest request)
    {
        await using var body = request.Headers.ContentEncoding == "gzip" ? new GZipStream(request.Body, CompressionMode.Decompress) : request.Body;
        using var reader = new StreamReader(body);
        var text = await reader.ReadToEndAsync();
        _received.Enqueue(text);
        var items = text.Split('\n', StringSplitOptions.RemoveEmptyEntries).Length;
        return Results.Json(new { itemsReceived = items, itemsAccepted = items, errors = Array.Empty<string>() });
    }
}
