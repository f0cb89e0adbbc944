using Azure.Data.Tables;
using Azure.Messaging.EventHubs;
using Azure.Messaging.EventHubs.Producer;
using Azure.Storage.Blobs;
using Kixo.Cli;
using Kixo.Keys;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace Kixo.Benchmarks.Naive;

/// <summary>
/// The pipeline of the usual tutorial as a server, for <c>kixo load</c> to be pointed at: the key is looked up for each request,
/// each event is a message, and a reader appends what comes out of the hub to blobs. It limits nothing, and keeps no checkpoints.
/// </summary>
internal static class NaiveHost
{
    /// <param name="port">Where it listens on 127.0.0.1.</param>
    /// <param name="run">A local run without the app: its storage and hub.</param>
    public static async Task RunAsync(int port, LocalRun run)
    {
        var keys = new TableServiceClient(run.Storage).GetTableClient(ApiKeyEntity.Table);
        await using var producer = new EventHubProducerClient(run.EventHub, EventChunk.Hub);
        var reader = new NaiveReader(run.EventHub, new BlobServiceClient(run.Storage));

        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.SetMinimumLevel(LogLevel.Warning);
        builder.WebHost.UseUrls($"http://127.0.0.1:{port}");
        await using var app = builder.Build();
        app.MapPost("/v1/batch", request => AnswerAsync(request, keys, producer));
        await app.StartAsync();
        await Console.Out.WriteLineAsync($"The naive pipeline listens on http://127.0.0.1:{port}. Ctrl+C stops it.");
        await Task.WhenAll(app.WaitForShutdownAsync(), reader.RunAsync(app.Lifetime.ApplicationStopping));
    }

    private static async Task AnswerAsync(HttpContext http, TableClient keys, EventHubProducerClient producer)
    {
        var body = new MemoryStream();
        await http.Request.Body.CopyToAsync(body, http.RequestAborted);
        var batch = NaiveIngest.Parse(body.GetBuffer().AsSpan(0, (int)body.Length));
        if (batch is not { ProjectId: { } projectId, ApiKey: { } apiKey }
            || !(await keys.GetEntityIfExistsAsync<ApiKeyEntity>(projectId, ApiKeyHash.Of(apiKey), cancellationToken: http.RequestAborted)).HasValue)
        {
            http.Response.StatusCode = StatusCodes.Status401Unauthorized;
            return;
        }

        var messages = NaiveIngest.Messages(batch, TimeProvider.System.GetUtcNow());
        await SendAsync(producer, projectId, messages, http.RequestAborted);
        await http.Response.WriteAsJsonAsync(new { status = "ok", accepted = messages.Count }, http.RequestAborted);
    }

    private static async Task SendAsync(EventHubProducerClient producer, string projectId, IEnumerable<byte[]> messages, CancellationToken cancellationToken)
    {
        var options = new CreateBatchOptions { PartitionKey = projectId };
        var batch = await producer.CreateBatchAsync(options, cancellationToken);
        foreach (var message in messages)
        {
            if (!batch.TryAdd(new EventData(message)))
            {
                await producer.SendAsync(batch, cancellationToken);
                batch.Dispose();
                batch = await producer.CreateBatchAsync(options, cancellationToken);
                batch.TryAdd(new EventData(message));
            }
        }

        await producer.SendAsync(batch, cancellationToken);
        batch.Dispose();
    }
}
