using System.Collections.Concurrent;
using Azure.Storage.Blobs;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace Kixo.Persistence;

/// <summary>
/// The event lake in Blob Storage: appends each message once, whatever is delivered again, by this owner of a partition or
/// another. The caller has one invocation at a time per partition; different partitions may append together.
/// </summary>
internal sealed class EventLake(
    BlobServiceClient blobs, IOptions<LakeOptions> options, TimeProvider time, ILogger<EventLake> log)
{
    /// <summary>How long a blob's state (its list of blocks, up to 80 KB) is remembered after its last use; then it is read anew.</summary>
    private static readonly TimeSpan Remembered = TimeSpan.FromMinutes(10);

    private readonly BlobContainerClient _container = blobs.GetBlobContainerClient(LakePath.Container);
    private readonly ConcurrentDictionary<(string Folder, string Partition, ChunkEncoding Encoding), LakeSeries> _series = new();

    /// <param name="messages">Messages in the order of their sequence numbers, of any projects and hours.</param>
    /// <param name="cancellationToken">Ends the work; what was not committed is not there.</param>
    /// <exception cref="Azure.RequestFailedException">Blob Storage does not answer: call again with the same messages.</exception>
    public async Task<Appended> AppendAsync(IReadOnlyCollection<HubMessage> messages, CancellationToken cancellationToken)
    {
        Forget();
        var appended = new ConcurrentBag<Appended>();
        var bySeries = messages.GroupBy(m => (
            Folder: LakePath.HourFolder(m.Chunk.ProjectId, m.Chunk.Environment, m.Chunk.ReceivedAt), m.Partition, m.Chunk.Encoding));
        var parallel = new ParallelOptions { MaxDegreeOfParallelism = options.Value.Parallelism, CancellationToken = cancellationToken };
        await Parallel.ForEachAsync(bySeries, parallel, async (group, token) =>
        {
            var series = _series.GetOrAdd(group.Key, key => new(_container, key.Folder, key.Partition, key.Encoding, options.Value, log));
            series.LastUsed = time.GetTimestamp();
            appended.Add(await series.AppendAsync([.. group], token));
        });
        return appended.Aggregate(default(Appended), (sum, one) => sum + one);
    }

    /// <summary>Asks for the container, for the readiness check.</summary>
    public async Task PingAsync(CancellationToken cancellationToken) => await _container.GetPropertiesAsync(cancellationToken: cancellationToken);

    private void Forget()
    {
        foreach (var (key, series) in _series)
        {
            if (time.GetElapsedTime(series.LastUsed) > Remembered)
            {
                _series.TryRemove(key, out _);
            }
        }
    }
}
