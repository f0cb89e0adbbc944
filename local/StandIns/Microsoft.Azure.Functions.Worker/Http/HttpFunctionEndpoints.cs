using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Routing;
using Microsoft.Azure.Functions.Worker.Hosting;
using Microsoft.Azure.Functions.Worker.Middleware;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace Microsoft.Azure.Functions.Worker.Http;

internal static class HttpFunctionEndpoints
{
    /// <summary>Serves the HTTP functions. Routing answers 404 to a route no function has, 405 to a method its function does not take.</summary>
    public static void MapHttpFunctions(this IEndpointRouteBuilder endpoints, IEnumerable<HostedFunction> functions, FunctionExecutionDelegate pipeline, string prefix)
    {
        var answers = endpoints.ServiceProvider.GetRequiredService<AnswerFeed>();
        var loggers = endpoints.ServiceProvider.GetRequiredService<ILoggerFactory>();
        foreach (var function in functions)
        {
            if (function.HttpTrigger is not { } trigger)
            {
                continue;
            }

            var route = HttpRoute.Of(function, trigger, prefix);
            var invocation = new HttpInvocation(function, pipeline, loggers.CreateLogger($"Function.{function.Name}"));
            var answer = answers.Watched(invocation.AnswerAsync);
            _ = route.Methods.Count == 0
                ? endpoints.Map(route.Template, answer)
                : endpoints.MapMethods(route.Template, route.Methods, answer);
        }
    }
}
