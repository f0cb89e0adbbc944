using System.Net;
using System.Text.Json;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.Azure.Functions.Worker.Hosting;

namespace Microsoft.Azure.Functions.Worker.Http;

/// <summary>The host's own endpoints, outside of the route prefix.</summary>
internal static class AdminEndpoints
{
    public static void MapAdmin(this IEndpointRouteBuilder endpoints, MeterTotals totals)
    {
        // The official host has this one too.
        endpoints.MapGet("/admin/host/ping", _ => Task.CompletedTask);

        // And not this one: the counters of the app, for the status line of a local run.
        endpoints.MapGet("/admin/host/counters", http => AnswerCountersAsync(http, totals));
    }

    private static async Task AnswerCountersAsync(HttpContext http, MeterTotals totals)
    {
        if (http.Connection.RemoteIpAddress is not { } client || !IPAddress.IsLoopback(client))
        {
            http.Response.StatusCode = StatusCodes.Status404NotFound;
            return;
        }

        http.Response.ContentType = "application/json";
        await JsonSerializer.SerializeAsync(http.Response.Body, totals.Read(), cancellationToken: http.RequestAborted);
    }
}
