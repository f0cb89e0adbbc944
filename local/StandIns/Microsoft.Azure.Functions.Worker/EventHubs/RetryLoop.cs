using Microsoft.Azure.Functions.Worker.Hosting;
using Microsoft.Extensions.Logging;

namespace Microsoft.Azure.Functions.Worker.EventHubs;

/// <summary>Invokes a function with the same batch until it succeeds or its retry policy ends.</summary>
internal sealed class RetryLoop(HostedFunction function, TimeProvider time, ILogger logger)
{
    /// <param name="invoke">One attempt.</param>
    /// <param name="stopping">Ends waiting and trying again; the attempt that runs is the caller's to cancel.</param>
    public async Task<BatchOutcome> RunAsync(Func<RetryContext, Task> invoke, CancellationToken stopping)
    {
        for (var failures = 0; ;)
        {
            try
            {
                await invoke(new InvocationRetry(failures, function.Retry.MaxRetryCount));
                return BatchOutcome.Succeeded;
            }
            catch (Exception) when (stopping.IsCancellationRequested)
            {
                return BatchOutcome.Abandoned;
            }
            catch (Exception exception)
            {
                failures++;
                if (function.Retry.DelayAfter(failures) is not { } delay)
                {
                    Log.EventHubFunctionFailed(logger, function.Name, failures, exception);
                    return BatchOutcome.Failed;
                }

                Log.EventHubFunctionRetried(logger, function.Name, failures, delay, exception);
                await Task.Delay(delay, time, stopping).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
                if (stopping.IsCancellationRequested)
                {
                    return BatchOutcome.Abandoned;
                }
            }
        }
    }
}
