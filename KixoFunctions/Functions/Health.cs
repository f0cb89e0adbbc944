using System.Text.Json;
using Microsoft.AspNetCore.Http;
using Microsoft.Azure.Functions.Worker;

namespace Kixo.Functions;

/// <summary>What a load balancer asks: does the process run, and does what it depends on answer.</summary>
internal sealed class Health(Readiness readiness)
{
    /// <summary>200 as long as the process answers at all.</summary>
    [Function("HealthLive")]
    public static IResult Live([HttpTrigger(AuthorizationLevel.Anonymous, "get", Route = "health/live")] HttpRequest request)
    {
        ArgumentNullException.ThrowIfNull(request);
        return Results.Text("""{"status":"ok"}""", "application/json");
    }

    /// <summary>200 when everything answered lately, else 503; each dependency is named with its state.</summary>
    [Function("HealthReady")]
    public async Task<IResult> ReadyAsync(
        [HttpTrigger(AuthorizationLevel.Anonymous, "get", Route = "health/ready")] HttpRequest request, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(request);
        var states = await readiness.CheckAsync(cancellationToken);
        var ready = states.All(state => state.Answered);
        var body = JsonSerializer.SerializeToUtf8Bytes(new
        {
            status = ready ? "ok" : "unavailable",
            checks = states.ToDictionary(state => state.Dependency, state => state.Answered ? "ok" : "unavailable"),
        });
        return new JsonBytes(body, ready ? StatusCodes.Status200OK : StatusCodes.Status503ServiceUnavailable);
    }

    private sealed class JsonBytes(byte[] body, int statusCode) : IResult
    {
        public async Task ExecuteAsync(HttpContext httpContext)
        {
            httpContext.Response.StatusCode = statusCode;
            httpContext.Response.ContentType = "application/json";
            await httpContext.Response.BodyWriter.WriteAsync(body, httpContext.RequestAborted);
        }
    }
}
