using System.Globalization;

namespace Kixo.Publishing;

/// <summary>
/// The partition key of a project's messages, <c>&lt;project&gt;/&lt;shard&gt;</c>: the shard grows with the project's rate, so that
/// a quiet one fills one partition and few blobs, and a busy one spreads over all.
/// </summary>
internal static class PartitionKey
{
    // Five batches of 1,000 events come to about 0.3 MB compressed; a partition takes 1 MB/s at most (Event Hubs quotas), also when
    // the hash puts three shards into it.
    private const int RequestsPerShard = 5;

    // Four for each of the 32 partitions that a Standard namespace can have, for the hash to reach nearly all of them. More would
    // only make more blobs where the host does not say the partition, and the key stands in for it.
    private const int MaxShards = 128;

    /// <param name="projectId">Whose messages.</param>
    /// <param name="requestOfSecond">Which of the project's requests in this second it is, from 0.</param>
    public static string Of(string projectId, int requestOfSecond) =>
        string.Create(CultureInfo.InvariantCulture, $"{projectId}/{requestOfSecond / RequestsPerShard % MaxShards}");
}
