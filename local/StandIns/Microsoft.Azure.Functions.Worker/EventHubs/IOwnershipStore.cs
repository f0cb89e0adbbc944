namespace Microsoft.Azure.Functions.Worker.EventHubs;

/// <summary>Who owns which partition, for the instances that share one consumer group of one hub.</summary>
internal interface IOwnershipStore
{
    Task<IReadOnlyList<Ownership>> ListAsync(CancellationToken cancellationToken);

    /// <summary>Writes <paramref name="ownerId"/> over <paramref name="seen"/>; false when another instance was faster.</summary>
    Task<bool> TryChangeAsync(Ownership seen, string ownerId, CancellationToken cancellationToken);
}
