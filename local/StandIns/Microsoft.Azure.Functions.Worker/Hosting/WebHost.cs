using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.Azure.Functions.Worker.EventHubs;
using Microsoft.Azure.Functions.Worker.Http;
using Microsoft.Azure.Functions.Worker.Middleware;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace Microsoft.Azure.Functions.Worker.Hosting;

/// <summary>The process around the app: ASP.NET Core with the host's configuration, logging, limits and services.</summary>
internal static class WebHost
{
    /// <summary>Where Core Tools listen; <c>ASPNETCORE_URLS</c> says otherwise.</summary>
    private const string DefaultUrl = "http://127.0.0.1:7071";

    /// <summary>The limit of the official worker's Kestrel.</summary>
    private const long MaxRequestBodySize = 30_000_000;

    private static readonly TimeSpan ShutdownTimeout = TimeSpan.FromSeconds(30);

    public static WebApplicationBuilder CreateBuilder(string[] args, string scriptRoot)
    {
        var builder = WebApplication.CreateSlimBuilder(new WebApplicationOptions
        {
            Args = [.. args, "--hostBuilder:reloadConfigOnChange=false"], // settings are read once; watching files is a part of a start
            ContentRootPath = scriptRoot,
            EnvironmentName = Environment.GetEnvironmentVariable("AZURE_FUNCTIONS_ENVIRONMENT") ?? Environments.Development,
        });
        LocalSettings.AddTo(builder.Configuration, scriptRoot);
        builder.Logging.ClearProviders().AddSimpleConsole(console =>
        {
            console.SingleLine = true;
            console.TimestampFormat = "HH:mm:ss.fff ";
        });

        // It logs nothing at the usual levels, but makes an activity and a log scope for every request: 830 of the 1,630 bytes
        // that a request to an empty function allocated. A host.json that names it has them again; so has an activity listener.
        builder.Logging.AddFilter("Microsoft.AspNetCore.Hosting.Diagnostics", LogLevel.None);
        if (string.IsNullOrEmpty(builder.Configuration[WebHostDefaults.ServerUrlsKey]))
        {
            builder.WebHost.UseUrls(DefaultUrl);
        }

        builder.WebHost.ConfigureKestrel(kestrel =>
        {
            kestrel.AddServerHeader = false;
            kestrel.Limits.MaxRequestBodySize = MaxRequestBodySize;
        });
        return builder;
    }

    public static WebApplication BuildHost(
        this WebApplicationBuilder builder, IReadOnlyList<HostedFunction> functions, FunctionExecutionDelegate pipeline, HostJson hostJson, bool servesHttp)
    {
        // Behind the app's own hosted services, so that those outlive requests and invocations in flight.
        builder.Services.Configure<HostOptions>(options => options.ShutdownTimeout = ShutdownTimeout);
        builder.Services.TryAddSingleton(TimeProvider.System);
        builder.Services.AddSingleton<MeterTotals>();
        builder.Services.AddSingleton<AnswerFeed>();
        builder.Services.AddHostedService<StopAtOnce>();
        builder.Services.AddHostedService<StopWithStandardInput>();
        if (functions.Any(function => function.EventHubTrigger is not null))
        {
            builder.Services.AddHostedService(services => ActivatorUtilities.CreateInstance<EventHubTriggerService>(services, functions, pipeline, hostJson.EventHubs));
        }

        var app = builder.Build();
        app.MapAdmin(app.Services.GetRequiredService<MeterTotals>(), app.Services.GetRequiredService<AnswerFeed>(), app.Lifetime.ApplicationStopping);
        if (servesHttp)
        {
            app.MapHttpFunctions(functions, pipeline, hostJson.RoutePrefix);
        }

        app.Lifetime.ApplicationStarted.Register(() => FunctionAnnouncement.Write(
            app.Services.GetRequiredService<ILoggerFactory>().CreateLogger("Host.Startup"),
            app.Services.GetRequiredService<IServer>(), app.Configuration, functions, hostJson.RoutePrefix, servesHttp));
        return app;
    }
}
