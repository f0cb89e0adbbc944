using Microsoft.AspNetCore.Http;
using Microsoft.Azure.Functions.Worker;

namespace Kixo.Functions;

/// <summary>Answers what no other function does, in the shape of every other answer: preflights, wrong methods, unknown paths.</summary>
internal sealed class Elsewhere(Cors cors)
{
    private static readonly Dictionary<string, string> MethodsByPath = new(StringComparer.OrdinalIgnoreCase)
    {
        ["/v1/batch"] = "POST, OPTIONS",
        ["/v1/openapi.json"] = "GET",
        ["/health/live"] = "GET",
        ["/health/ready"] = "GET",
    };

    [Function(nameof(Elsewhere))]
    public IResult Run(
        [HttpTrigger(AuthorizationLevel.Anonymous, "get", "post", "put", "patch", "delete", "head", "options", Route = "{*path}")] HttpRequest request)
    {
        cors.Allow(request.HttpContext);
        if (!MethodsByPath.TryGetValue(request.Path.Value!.TrimEnd('/'), out var methods))
        {
            return Answer.NotFound();
        }

        if (HttpMethods.IsOptions(request.Method))
        {
            return cors.Preflight(request.HttpContext, methods);
        }

        request.HttpContext.Response.Headers.Allow = methods;
        return Answer.MethodNotAllowed(methods);
    }
}
