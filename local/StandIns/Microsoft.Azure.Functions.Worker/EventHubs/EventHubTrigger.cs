using Azure.Messaging.EventHubs;
using Microsoft.Azure.Functions.Worker.Hosting;
using Microsoft.Azure.Functions.Worker.Middleware;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace Microsoft.Azure.Functions.Worker.EventHubs;

/// <summary>What the pumps of one function have in common.</summary>
internal sealed record EventHubTrigger(
    HostedFunction Function,
    EventHubSource Source,
    EventHubOptions Options,
    ICheckpointStore Checkpoints,
    FunctionExecutionDelegate Pipeline,
    IServiceScopeFactory Scopes,
    TimeProvider Time,
    ILogger Logger)
{
    public RetryLoop Retries { get; } = new(Function, Time, Logger);

    /// <summary>One attempt at a batch.</summary>
    public async Task InvokeAsync(EventData[] batch, string partitionContext, RetryContext retry, CancellationToken cancellationToken)
    {
        await using var scope = Scopes.CreateAsyncScope();
        await Pipeline(new EventHubInvocationContext(Function, batch, partitionContext, retry, scope.ServiceProvider, cancellationToken));
    }
}
