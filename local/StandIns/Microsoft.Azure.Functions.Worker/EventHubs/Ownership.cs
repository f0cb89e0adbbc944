using Azure;

namespace Microsoft.Azure.Functions.Worker.EventHubs;

/// <summary>
/// Who said last, and when, that a partition is theirs. The owner is empty when it gave the partition back. A change has to name
/// the version it replaces; a partition that was never owned has none.
/// </summary>
internal readonly record struct Ownership(string PartitionId, string OwnerId, DateTimeOffset ClaimedAt, ETag? Version);
