using Azure.Messaging.EventHubs;

namespace Microsoft.Azure.Functions.Worker.EventHubs;

/// <summary><c>extensions.eventHubs</c> of host.json, with the official defaults.</summary>
internal sealed class EventHubOptions
{
    public int MaxEventBatchSize { get; set; } = 100;

    public int MinEventBatchSize { get; set; } = 1;

    /// <summary>How long events wait for company; only with a minimum batch size over 1.</summary>
    public TimeSpan MaxWaitTime { get; set; } = TimeSpan.FromMinutes(1);

    /// <summary>A checkpoint is written after this many batches of a partition.</summary>
    public int BatchCheckpointFrequency { get; set; } = 1;

    public int PrefetchCount { get; set; } = 300;

    public InitialOffset InitialOffsetOptions { get; set; } = new();

    /// <summary>How often an instance renews its partitions and looks for a fairer share.</summary>
    public TimeSpan LoadBalancingUpdateInterval { get; set; } = TimeSpan.FromSeconds(30);

    /// <summary>
    /// How long a partition stays with an instance that no longer renews it. An instance that stops gives its partitions back;
    /// after one that was killed the next waits this long for the last of them, so a local run sets it to some seconds.
    /// </summary>
    public TimeSpan PartitionOwnershipExpirationInterval { get; set; } = TimeSpan.FromMinutes(2);

    public EventHubsRetryOptions ClientRetryOptions { get; set; } = new();

    public void Validate()
    {
        Require(MaxEventBatchSize >= 1, "maxEventBatchSize is less than 1");
        Require(MinEventBatchSize <= MaxEventBatchSize, "minEventBatchSize is greater than maxEventBatchSize");
        Require(BatchCheckpointFrequency >= 1, "batchCheckpointFrequency is less than 1");
        Require(PrefetchCount >= 0, "prefetchCount is negative");
        Require(LoadBalancingUpdateInterval > TimeSpan.Zero, "loadBalancingUpdateInterval is not positive");
        Require(PartitionOwnershipExpirationInterval > LoadBalancingUpdateInterval, "partitionOwnershipExpirationInterval is not longer than loadBalancingUpdateInterval");
    }

    private static void Require(bool condition, string otherwise)
    {
        if (!condition)
        {
            throw new InvalidOperationException($"host.json: extensions.eventHubs: {otherwise}.");
        }
    }

    internal sealed class InitialOffset
    {
        public InitialOffsetType Type { get; set; } = InitialOffsetType.FromStart;

        public DateTimeOffset? EnqueuedTimeUtc { get; set; }
    }

    internal enum InitialOffsetType
    {
        FromStart,
        FromEnd,
        FromEnqueuedTime,
    }
}
