namespace Kixo.Persistence;

/// <summary>A chunk with its place in the hub.</summary>
/// <param name="Partition">The stream whose order <paramref name="Sequence"/> follows: see <see cref="PartitionNames"/>.</param>
/// <param name="Sequence">The sequence number: grows within the partition, and is the same when the message is delivered again.</param>
/// <param name="EnqueuedAt">When the hub took it.</param>
/// <param name="Chunk">The events.</param>
internal readonly record struct HubMessage(string Partition, long Sequence, DateTimeOffset EnqueuedAt, EventChunk Chunk);
