namespace Microsoft.Azure.Functions.Worker.EventHubs;

/// <summary>The checkpoints of one consumer group of one hub.</summary>
internal interface ICheckpointStore
{
    Task<Checkpoint?> ReadAsync(string partitionId, CancellationToken cancellationToken);

    Task WriteAsync(string partitionId, Checkpoint checkpoint, CancellationToken cancellationToken);
}
