using System.Collections.Concurrent;
using Microsoft.Azure.Functions.Worker.EventHubs;

namespace Kixo.Tests.StandIns.Functions;

internal sealed class InMemoryCheckpointStore : ICheckpointStore
{
    public bool IsAway { get; set; }

    public ConcurrentDictionary<string, Checkpoint> Stored { get; } = [];

    public Task<Checkpoint?> ReadAsync(string partitionId, CancellationToken cancellationToken) => Task.FromResult(Stored.GetValueOrDefault(partitionId));

    public Task WriteAsync(string partitionId, Checkpoint checkpoint, CancellationToken cancellationToken)
    {
        Stored[partitionId] = IsAway ? throw new IOException() : checkpoint;
        return Task.CompletedTask;
    }
}
