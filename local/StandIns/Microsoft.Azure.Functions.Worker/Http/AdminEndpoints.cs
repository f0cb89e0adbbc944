using System.Net;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.Azure.Functions.Worker.Hosting;

namespace Microsoft.Azure.Functions.Worker.Http;

/// <summary>The host's own endpoints, outside of the route prefix.</summary>
internal static class AdminEndpoints
{
    public static void MapAdmin(this IEndpointRouteBuilder endpoints, MeterTotals totals, AnswerFeed answers, CancellationToken stopping)
    {
        // The official host has this one too.
        endpoints.MapGet("/admin/host/ping", _ => Task.CompletedTask);

        // And not these, for the status line and the live page of a local run: the counters of the app, and its answers as they
        // are given, as server-sent events.
        endpoints.MapGet("/admin/host/counters", http => AnswerLocallyAsync(http, TypedResults.Json(totals.Read())));
        endpoints.MapGet("/admin/host/answers", http => AnswerLocallyAsync(http, TypedResults.ServerSentEvents(answers.WatchAsync(stopping))));
    }

    private static Task AnswerLocallyAsync(HttpContext http, IResult result)
    {
        var isLocal = http.Connection.RemoteIpAddress is { } client && IPAddress.IsLoopback(client);
        return (isLocal ? result : TypedResults.NotFound()).ExecuteAsync(http);
    }
}
