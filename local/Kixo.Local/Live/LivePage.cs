using System.Net;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;

namespace Kixo.Local.Live;

/// <summary>
/// The page <c>/live</c>, which the author of an SDK keeps open: events as they arrive, refusals with their reasons, rates, and
/// a box to send a batch from. It listens on 127.0.0.1 only.
/// </summary>
internal sealed class LivePage : IAsyncDisposable
{
    public const int UsualPort = 7070;

    /// <summary>Nothing from elsewhere is loaded or called but the app, and what clients sent is never markup.</summary>
    private const string ContentSecurityPolicy = "default-src 'self'; img-src data:; connect-src 'self' http://localhost:* http://127.0.0.1:*; frame-ancestors 'none'";

    private readonly WebApplication _app;

    private LivePage(WebApplication app, string url) => (_app, Url) = (app, url);

    public string Url { get; }

    /// <param name="sources">What the page shows.</param>
    /// <param name="port">Where it listens; any free port when that one is taken.</param>
    public static async Task<LivePage> StartAsync(LiveSources sources, int port, CancellationToken cancellationToken)
    {
        port = Ports.FreeOr(port);
        var builder = WebApplication.CreateSlimBuilder(new WebApplicationOptions { ContentRootPath = AppContext.BaseDirectory });
        builder.Logging.ClearProviders();
        builder.WebHost.ConfigureKestrel(kestrel => kestrel.Listen(IPAddress.Loopback, port));

        // A page of another site could have its host's name lead here: it may not read what is shown.
        builder.Services.AddHostFiltering(options => options.AllowedHosts = ["localhost", "127.0.0.1"]);
        var app = builder.Build();
        app.UseHostFiltering();
        app.MapGet("/", () => Results.Redirect("/live"));
        app.MapGet("/live", http => SendAsync(http, "live.html", "text/html; charset=utf-8"));
        app.MapGet("/live/live.css", http => SendAsync(http, "live.css", "text/css; charset=utf-8"));
        app.MapGet("/live/live.js", http => SendAsync(http, "live.js", "text/javascript; charset=utf-8"));
        app.MapGet("/live/stream", http => TypedResults.ServerSentEvents(
            new LiveStream(sources).ReadAsync(app.Lifetime.ApplicationStopping)).ExecuteAsync(http));
        await app.StartAsync(cancellationToken);
        return new LivePage(app, $"http://localhost:{port}/live");
    }

    public ValueTask DisposeAsync() => _app.DisposeAsync();

    private static async Task SendAsync(HttpContext http, string file, string contentType)
    {
        http.Response.ContentType = contentType;
        http.Response.Headers.ContentSecurityPolicy = ContentSecurityPolicy;
        http.Response.Headers.CacheControl = "no-cache";
        await using var content = typeof(LivePage).Assembly.GetManifestResourceStream(file)!;
        await content.CopyToAsync(http.Response.Body, http.RequestAborted);
    }
}
