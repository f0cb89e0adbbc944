using BenchmarkDotNet.Attributes;
using Kixo.Functions;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace Kixo.Benchmarks.Http;

/// <summary>
/// The whole function, with tables and hub in memory: whether an event costs the same in small batches and large ones, of one
/// project and of many. 1,000 events each time, in as many requests as it takes. Times are for one event.
/// </summary>
public class IngestBenchmarks : IDisposable
{
    private IHost _host = null!;
    private IngestBatch _function = null!;
    private byte[][] _bodies = [];
    private int _next;

    [Params(1, 1_000)]
    public int Projects { get; set; }

    [Params(10, 100, 1_000)]
    public int EventsABatch { get; set; }

    [GlobalSetup]
    public void Start()
    {
        var builder = Host.CreateEmptyApplicationBuilder(null);
        builder.Logging.ClearProviders();
        builder.AddKixoInMemory();
        _host = builder.Build();
        _function = _host.Services.GetRequiredService<IngestBatch>();
        _bodies = [.. Enumerable.Range(0, Projects).Select(project => Sample.Body(EventsABatch, $"project_{project}"))];
    }

    [Benchmark(OperationsPerInvoke = Sample.Events)]
    public async Task Ingest()
    {
        for (var events = 0; events < Sample.Events; events += EventsABatch)
        {
            var body = _bodies[_next++ % _bodies.Length];
            var http = new DefaultHttpContext();
            http.Request.Body = new MemoryStream(body);
            http.Request.ContentLength = body.Length;
            http.Response.Body = Stream.Null;
            await (await _function.RunAsync(http.Request, CancellationToken.None)).ExecuteAsync(http);
            if (http.Response.StatusCode != StatusCodes.Status200OK)
            {
                throw new InvalidOperationException($"Answered {http.Response.StatusCode}.");
            }
        }
    }

    [GlobalCleanup]
    public void Dispose()
    {
        _host?.Dispose();
        GC.SuppressFinalize(this);
    }
}
