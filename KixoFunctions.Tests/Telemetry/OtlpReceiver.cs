using System.Collections.Concurrent;
using Kixo.Local;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;

namespace Kixo.Tests.Telemetry;

/// <summary>Takes what the app sends by OTLP over HTTP, and keeps it.</summary>
internal sealed class OtlpReceiver : IAsyncDisposable
{
    private readonly WebApplication _server;
    private readonly ConcurrentQueue<(string Path, byte[] Body)> _received = new();

    private OtlpReceiver(int port)
    {
        Url = $"http://127.0.0.1:{port}";
        var builder = WebApplication.CreateSlimBuilder();
        builder.WebHost.UseUrls(Url);
        _server = builder.Build();
        _server.MapPost("/v1/{signal}", async request =>
        {
            using var body = new MemoryStream();
            await request.Request.Body.CopyToAsync(body, request.RequestAborted);
            _received.Enqueue((request.Request.Path, body.ToArray()));
        });
    }

    public string Url { get; }

    /// <summary>The app's settings that make it send here: everything, and often.</summary>
    public IReadOnlyDictionary<string, string> Settings => new Dictionary<string, string>
    {
        ["OTEL_EXPORTER_OTLP_ENDPOINT"] = Url,
        ["OTEL_EXPORTER_OTLP_PROTOCOL"] = "http/protobuf",
        ["OTEL_METRIC_EXPORT_INTERVAL"] = "1000",
        ["OTEL_BSP_SCHEDULE_DELAY"] = "500",
        ["OTEL_BLRP_SCHEDULE_DELAY"] = "500",
        ["OTEL_TRACES_SAMPLER"] = "always_on",
    };

    /// <summary>The metrics of the app's own meter, as they were sent last.</summary>
    public IReadOnlyList<OtlpMetric> Metrics =>
        [.. Bodies("metrics").SelectMany(OtlpMetric.Read).Where(metric => metric.Meter == "Kixo").GroupBy(metric => metric.Name).Select(sent => sent.Last())];

    /// <summary>The spans of the app's own source.</summary>
    public IReadOnlyList<OtlpSpan> Spans => [.. Bodies("traces").SelectMany(OtlpSpan.Read)];

    public static async Task<OtlpReceiver> StartAsync()
    {
        var receiver = new OtlpReceiver(Ports.Free());
        await receiver._server.StartAsync(CancellationToken.None);
        return receiver;
    }

    /// <param name="signal"><c>metrics</c>, <c>traces</c> or <c>logs</c>.</param>
    public IEnumerable<byte[]> Bodies(string signal) => _received.Where(it => it.Path == $"/v1/{signal}").Select(it => it.Body);

    public async ValueTask DisposeAsync() => await _server.DisposeAsync();
}
