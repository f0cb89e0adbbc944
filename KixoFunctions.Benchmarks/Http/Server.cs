using System.Text;
using Kixo.Functions;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace Kixo.Benchmarks.Http;

/// <summary>Kestrel in this process, on a free port of 127.0.0.1, without a functions host.</summary>
internal sealed class Server : IAsyncDisposable
{
    private static readonly byte[] Ok = Encoding.UTF8.GetBytes($$"""{"status":"ok","accepted":{{Sample.Events}}}""");

    private readonly WebApplication _app;

    private Server(WebApplication app) => _app = app;

    public int Port => new Uri(_app.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses.First()).Port;

    /// <summary>The app: all of it, with tables and hub in memory.</summary>
    public static Task<Server> StartAppAsync() => StartAsync(builder => builder.AddKixoInMemory(), async http =>
    {
        var function = http.RequestServices.GetRequiredService<IngestBatch>();
        await (await function.RunAsync(http.Request, http.RequestAborted)).ExecuteAsync(http);
    });

    /// <summary>What a request costs in any case: reads the same body, and answers the same.</summary>
    public static Task<Server> StartBareAsync() => StartAsync(
        _ => { },
        async http =>
        {
            while (await http.Request.BodyReader.ReadAsync(http.RequestAborted) is var read)
            {
                http.Request.BodyReader.AdvanceTo(read.Buffer.End);
                if (read.IsCompleted)
                {
                    break;
                }
            }

            http.Response.ContentType = "application/json";
            http.Response.ContentLength = Ok.Length;
            await http.Response.BodyWriter.WriteAsync(Ok, http.RequestAborted);
        });

    public async ValueTask DisposeAsync() => await _app.DisposeAsync();

    private static async Task<Server> StartAsync(Action<WebApplicationBuilder> configure, RequestDelegate answer)
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        configure(builder);
        var app = builder.Build();
        app.MapPost(Routes.Batch, answer);
        await app.StartAsync();
        return new(app);
    }
}
