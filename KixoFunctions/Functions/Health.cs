using Microsoft.AspNetCore.Http;
using Microsoft.Azure.Functions.Worker;

namespace Kixo.Functions;

/// <summary>What a load balancer asks: does the process run, and does what it depends on answer.</summary>
internal sealed class Health(Readiness readiness)
{
    /// <summary>200 as long as the process answers at all.</summary>
    [Function("HealthLive")]
    public static IResult Live([HttpTrigger(AuthorizationLevel.Anonymous, "get", Route = Routes.Live)] HttpRequest request)
    {
        ArgumentNullException.ThrowIfNull(request);
        return Results.Text("""{"status":"ok"}""", "application/json");
    }

    /// <summary>200 when everything answered lately, else 503; each dependency is named with its state.</summary>
    [Function("HealthReady")]
    public async Task<IResult> ReadyAsync(
        [HttpTrigger(AuthorizationLevel.Anonymous, "get", Route = Routes.Ready)] HttpRequest request, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(request);
        var states = await readiness.CheckAsync(cancellationToken);
        var ready = states.All(state => state.Answered);
        return Results.Json(
            new
            {
                status = ready ? "ok" : "unavailable",
                checks = states.ToDictionary(state => state.Dependency, state => state.Answered ? "ok" : "unavailable"),
            },
            statusCode: ready ? StatusCodes.Status200OK : StatusCodes.Status503ServiceUnavailable);
    }
}
