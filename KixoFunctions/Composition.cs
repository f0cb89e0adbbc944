using Kixo.Batches;
using Kixo.Functions;
using Kixo.Keys;
using Kixo.Persistence;
using Kixo.Publishing;
using Kixo.RateLimiting;
using Kixo.Telemetry;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace Kixo;

/// <summary>What the app is made of: one Add… per concern, in the order in which a batch meets them.</summary>
internal static class Composition
{
    /// <summary>Bytes that the key cache may take, as it counts them: over 50,000 projects and keys.</summary>
    private const long KeyCacheBytes = 8 << 20;

    public static IHostApplicationBuilder AddKixo(this IHostApplicationBuilder builder)
    {
        builder.Services.AddSingleton(TimeProvider.System);
        builder.AddAzureClients();
        builder.AddTelemetry();
        builder.AddBatches();
        builder.AddKeys();
        builder.AddRateLimiting();
        builder.AddPublishing();
        builder.AddPersistence();
        builder.AddFunctions();
        return builder;
    }

    private static void AddAzureClients(this IHostApplicationBuilder builder)
    {
        // Made at once: a setting that is missing or wrong ends the start, with its name.
        builder.Services.AddSingleton(AzureClients.Tables(builder.Configuration));
        builder.Services.AddSingleton(AzureClients.Blobs(builder.Configuration));
        var producer = AzureClients.Producer(builder.Configuration);
        builder.Services.AddSingleton(_ => producer);
    }

    private static void AddTelemetry(this IHostApplicationBuilder builder)
    {
        // host.json's filters are the host's; ASP.NET Core in the worker logs about five records a request by default.
        builder.Logging.AddFilter("Microsoft.AspNetCore", LogLevel.Warning);
        builder.Services.AddMetrics();
        builder.Services.AddSingleton<KixoMetrics>();
        builder.AddTelemetryExport();
    }

    private static void AddBatches(this IHostApplicationBuilder builder)
    {
        builder.AddOptions<BatchOptions, BatchOptionsValidator>("Kixo:Batches");
        builder.Services.AddSingleton<EventReader>();
    }

    private static void AddKeys(this IHostApplicationBuilder builder)
    {
        builder.AddOptions<KeyOptions, KeyOptionsValidator>("Kixo:Keys");
        builder.Services.AddMemoryCache(cache => cache.SizeLimit = KeyCacheBytes);
        builder.Services.AddHybridCache();
        builder.Services.AddSingleton<KeyStore>();
        builder.Services.AddSingleton<KeyDirectory>();
    }

    private static void AddRateLimiting(this IHostApplicationBuilder builder)
    {
        builder.AddOptions<RateLimitOptions, RateLimitOptionsValidator>("Kixo:RateLimiting");
        builder.Services.AddSingleton<CounterStore>();
        builder.Services.AddSingleton<CounterOutage>();
        builder.Services.AddSingleton<RequestLimiter>();
    }

    private static void AddPublishing(this IHostApplicationBuilder builder)
    {
        builder.AddOptions<PublishOptions, PublishOptionsValidator>("Kixo:Publishing");
        builder.Services.AddSingleton<ChunkPublisher>();
    }

    private static void AddPersistence(this IHostApplicationBuilder builder)
    {
        builder.AddOptions<LakeOptions, LakeOptionsValidator>("Kixo:Persistence");
        builder.Services.AddSingleton<EventLake>();
        builder.Services.AddSingleton<DeadLetters>();
    }

    private static void AddFunctions(this IHostApplicationBuilder builder)
    {
        builder.AddOptions<CorsOptions, CorsOptionsValidator>("Kixo:Cors");
        builder.Services.AddSingleton<Cors>();
        builder.Services.AddSingleton<Readiness>();
    }

    private static void AddOptions<TOptions, TValidator>(this IHostApplicationBuilder builder, string section)
        where TOptions : class
        where TValidator : class, IValidateOptions<TOptions>
    {
        builder.Services.AddSingleton<IValidateOptions<TOptions>, TValidator>();
        builder.Services.AddOptions<TOptions>().BindConfiguration(section).ValidateOnStart();
    }
}
