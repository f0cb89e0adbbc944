using Microsoft.AspNetCore.Http;
using Microsoft.Azure.Functions.Worker.Hosting;
using Microsoft.Azure.Functions.Worker.Middleware;
using Microsoft.Extensions.Logging;

namespace Microsoft.Azure.Functions.Worker.Http;

/// <summary>Answers requests with one function. This is the way of every request: it allocates the context, and what calling the method takes.</summary>
internal sealed class HttpInvocation(HostedFunction function, FunctionExecutionDelegate pipeline, ILogger logger)
{
    public async Task AnswerAsync(HttpContext http)
    {
        try
        {
            await pipeline(new HttpInvocationContext(function, http));
        }
        catch (OperationCanceledException) when (http.RequestAborted.IsCancellationRequested)
        {
            // Nobody is left to be answered.
            http.Abort();
        }
        catch (Exception exception)
        {
            Log.HttpFunctionFailed(logger, function.Name, exception);
            if (http.Response.HasStarted)
            {
                http.Abort();
                return;
            }

            http.Response.Clear();
            http.Response.StatusCode = StatusCodes.Status500InternalServerError;
        }
    }
}
