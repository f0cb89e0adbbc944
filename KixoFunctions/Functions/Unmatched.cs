using Microsoft.AspNetCore.Http;
using Microsoft.Azure.Functions.Worker;

namespace Kixo.Functions;

/// <summary>
/// Answers what no other function does, in the shape of every other answer: preflights, wrong methods, unknown paths.
/// Azure tries routes in the order of the functions' names: this one's must be the last, or it takes every request.
/// </summary>
internal sealed class Unmatched(Cors cors)
{
    [Function(nameof(Unmatched))]
    public IResult Run(
        [HttpTrigger(AuthorizationLevel.Anonymous, Route = Routes.Any)] HttpRequest request)
    {
        var http = request.HttpContext;
        var mayRead = cors.Allow(http);
        if (!Routes.Methods.TryGetValue(request.Path.Value!.Trim('/'), out var methods))
        {
            return Answer.NotFound();
        }

        if (!HttpMethods.IsOptions(request.Method))
        {
            http.Response.Headers.Allow = methods;
            return Answer.MethodNotAllowed(methods);
        }

        if (mayRead)
        {
            Cors.AllowToSend(http, methods);
        }

        return Results.NoContent();
    }
}
