using Azure.Messaging.EventHubs;
using Microsoft.Azure.Functions.Worker.Hosting;

namespace Microsoft.Azure.Functions.Worker.EventHubs;

/// <summary>One attempt at a batch of events, with services of its own.</summary>
internal sealed class EventHubInvocationContext(
    HostedFunction function, EventData[] events, string partitionContext, RetryContext retry, IServiceProvider services, CancellationToken cancellationToken)
    : InvocationContext(function)
{
    public EventData[] Events { get; } = events;

    public override RetryContext RetryContext { get; } = retry;

    public override IServiceProvider InstanceServices { get; set; } = services;

    public override CancellationToken CancellationToken { get; } = cancellationToken;

    protected override IReadOnlyDictionary<string, object?> BindingData() =>
        new Dictionary<string, object?>(StringComparer.OrdinalIgnoreCase) { ["PartitionContext"] = partitionContext };
}
