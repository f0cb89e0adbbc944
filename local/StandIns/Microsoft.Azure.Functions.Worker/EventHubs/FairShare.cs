namespace Microsoft.Azure.Functions.Worker.EventHubs;

/// <summary>
/// Which partitions an instance should claim now. Every instance decides alone from what it sees; changes under ETags sort out
/// those that decide at the same moment.
/// </summary>
internal static class FairShare
{
    /// <returns>What to write this instance's id over: its own partitions, to renew them, then those it should take.</returns>
    public static IReadOnlyList<Ownership> Claims(
        IEnumerable<string> partitionIds, IEnumerable<Ownership> ownerships, string ownerId, DateTimeOffset now, TimeSpan expiration)
    {
        var known = ownerships.ToDictionary(ownership => ownership.PartitionId);
        var all = partitionIds.Select(id => known.TryGetValue(id, out var ownership) ? ownership : new Ownership(id, "", default, null)).ToArray();

        bool IsFree(Ownership it) => it.OwnerId.Length == 0 || (it.OwnerId != ownerId && it.ClaimedAt + expiration <= now);

        var claims = all.Where(it => it.OwnerId == ownerId).ToList();
        var free = new Queue<Ownership>(all.Where(IsFree));
        var others = all.Where(it => !IsFree(it) && it.OwnerId != ownerId).GroupBy(it => it.OwnerId).Select(owned => new Queue<Ownership>(owned)).ToArray();

        // With 5 partitions and 2 instances one may have 3.
        var instances = others.Length + 1;
        var most = (all.Length + instances - 1) / instances;
        while (claims.Count < most && free.TryDequeue(out var unowned))
        {
            claims.Add(unowned);
        }

        // Only from who keeps at least as many as this instance then has: two never take a partition from each other in turn.
        while (others.MaxBy(owned => owned.Count) is { } richest && richest.Count > claims.Count + 1)
        {
            claims.Add(richest.Dequeue());
        }

        return claims;
    }
}
