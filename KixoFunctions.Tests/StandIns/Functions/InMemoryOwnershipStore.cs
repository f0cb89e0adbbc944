using Azure;
using Microsoft.Azure.Functions.Worker.EventHubs;

namespace Kixo.Tests.StandIns.Functions;

internal sealed class InMemoryOwnershipStore(TimeProvider time) : IOwnershipStore
{
    private readonly Lock _lock = new();
    private readonly Dictionary<string, Ownership> _stored = [];
    private int _version;

    public bool IsAway { get; set; }

    public IReadOnlyDictionary<string, string> Owners
    {
        get
        {
            lock (_lock)
            {
                return _stored.ToDictionary(it => it.Key, it => it.Value.OwnerId);
            }
        }
    }

    public Task<IReadOnlyList<Ownership>> ListAsync(CancellationToken cancellationToken)
    {
        lock (_lock)
        {
            return Task.FromResult<IReadOnlyList<Ownership>>(IsAway ? throw new IOException() : [.. _stored.Values]);
        }
    }

    public Task<bool> TryChangeAsync(Ownership seen, string ownerId, CancellationToken cancellationToken)
    {
        lock (_lock)
        {
            var isUnchanged = (_stored.TryGetValue(seen.PartitionId, out var stored) ? stored.Version : null) == seen.Version;
            if (isUnchanged)
            {
                _stored[seen.PartitionId] = new Ownership(seen.PartitionId, ownerId, time.GetUtcNow(), new ETag($"{++_version}"));
            }

            return Task.FromResult(isUnchanged);
        }
    }
}
