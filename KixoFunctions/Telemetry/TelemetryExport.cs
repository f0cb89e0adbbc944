using System.Data.Common;
using Azure.Core;
using Azure.Monitor.OpenTelemetry.Exporter;
using Microsoft.Azure.Functions.Worker;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using OpenTelemetry;
using OpenTelemetry.Resources;
using OpenTelemetry.Trace;

namespace Kixo.Telemetry;

/// <summary>
/// Sends traces, metrics and logs to Application Insights where <c>APPLICATIONINSIGHTS_CONNECTION_STRING</c> is set, and by OTLP
/// where <c>OTEL_EXPORTER_OTLP_ENDPOINT</c> is. Where neither is, nobody listens and nothing is paid.
/// </summary>
internal static class TelemetryExport
{
    private const string ConnectionString = "APPLICATIONINSIGHTS_CONNECTION_STRING";
    private const string Authentication = "APPLICATIONINSIGHTS_AUTHENTICATION_STRING";
    private const string OtlpEndpoint = "OTEL_EXPORTER_OTLP_ENDPOINT";
    private const string Sampler = "OTEL_TRACES_SAMPLER";

    /// <summary>The share of requests that are traced where no setting says another: metrics count all of them anyway.</summary>
    private const double TracedShare = 0.01;

    public static void AddTelemetryExport(this IHostApplicationBuilder builder)
    {
        var toApplicationInsights = builder.Configuration[ConnectionString] is { Length: > 0 };
        var toOtlp = builder.Configuration[OtlpEndpoint] is { Length: > 0 };
        if (toApplicationInsights || toOtlp)
        {
            builder.AddOpenTelemetry(toApplicationInsights, toOtlp);
        }
    }

    private static void AddOpenTelemetry(this IHostApplicationBuilder builder, bool toApplicationInsights, bool toOtlp)
    {
        var settings = builder.Configuration;

        // The host would pass on what the worker logs and traces, on top of what the worker itself sends. Its package for this,
        // Microsoft.Azure.Functions.Worker.OpenTelemetry, says so with the same words, and does little else.
        builder.Services.Configure<WorkerOptions>(worker => worker.Capabilities["WorkerOpenTelemetryEnabled"] = bool.TrueString);

        var telemetry = builder.Services.AddOpenTelemetry()
            .ConfigureResource(resource => resource.AddService(settings["OTEL_SERVICE_NAME"] ?? settings["WEBSITE_SITE_NAME"] ?? "kixo"))
            .WithMetrics(metrics => metrics.AddMeter(KixoMetrics.MeterName, "System.Runtime"))
            .WithLogging(configureBuilder: null, logging => logging.IncludeFormattedMessage = true)
            .WithTracing(tracing =>
            {
                tracing.AddSource(Tracing.SourceName, "Microsoft.Azure.Functions.Worker");
                if (!toApplicationInsights && settings[Sampler] is null)
                {
                    // Not as the parent says: that is the host's, or whatever a client claims.
                    tracing.SetSampler(new TraceIdRatioBasedSampler(TracedShare));
                }
            });

        if (toOtlp)
        {
            telemetry.UseOtlpExporter();
        }

        if (toApplicationInsights)
        {
            telemetry.UseAzureMonitorExporter(exporter =>
            {
                exporter.ConnectionString = settings[ConnectionString];
                exporter.Credential = CredentialFrom(settings[Authentication]);
                exporter.EnableTraceBasedLogsSampler = false; // a warning is wanted whether its request was traced or not

                // Kixo's own metrics say more; these would be paid for on top.
                exporter.EnableLiveMetrics = false;
                exporter.EnablePerformanceCounters = false;
                exporter.EnableStandardMetrics = false;
            });
        }
    }

    /// <param name="authentication">Such as <c>ClientId=…;Authorization=AAD</c>, without a client id for the system-assigned identity.</param>
    /// <returns>Null where the connection string's key is enough.</returns>
    /// <exception cref="InvalidOperationException">It is not understood.</exception>
    private static TokenCredential? CredentialFrom(string? authentication)
    {
        if (string.IsNullOrEmpty(authentication))
        {
            return null;
        }

        try
        {
            var parts = new DbConnectionStringBuilder { ConnectionString = authentication };
            return parts.TryGetValue("Authorization", out var kind) && kind is "AAD"
                ? Identities.Of(parts.TryGetValue("ClientId", out var id) ? (string)id : null)
                : throw new ArgumentException("Expected Authorization=AAD.");
        }
        catch (ArgumentException e)
        {
            throw new InvalidOperationException($"Setting '{Authentication}' is not understood: expected Authorization=AAD, and ClientId=… of a user-assigned identity.", e);
        }
    }
}
