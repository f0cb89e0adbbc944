using Azure;
using Azure.Storage.Blobs;
using Azure.Storage.Blobs.Models;
using Azure.Storage.Blobs.Specialized;
using Kixo.Telemetry;
using Microsoft.Extensions.Logging;

namespace Kixo.Persistence;

/// <summary>
/// The blobs of one partition in one hour's folder, <c>…-0</c>, <c>…-1</c> and so on, of which the last one grows. Blocks and
/// watermark are committed together under the blob's ETag: both are there or neither, and of two owners one gets a 412.
/// One append at a time.
/// </summary>
internal sealed class LakeSeries(
    BlobContainerClient container, string folder, string partition, ChunkEncoding encoding, LakeOptions options, ILogger log)
{
    // Losing more often than that is no race any more, but a fault worth the trigger's retry with its delay.
    private const int MaxRaces = 5;

    private readonly BlobHttpHeaders _headers = new() { ContentType = encoding == ChunkEncoding.Zstd ? "application/zstd" : "application/gzip" };
    private LakeBlob? _last;

    /// <summary>A timestamp of the lake's clock, for it to forget series that are not written to any more.</summary>
    public long LastUsed { get; set; }

    /// <summary>Appends what is past the watermark.</summary>
    public async Task<Appended> AppendAsync(HubMessage[] messages, CancellationToken cancellationToken)
    {
        for (var race = 1; ; race++)
        {
            var blob = _last ?? await LoadLastAsync(cancellationToken);
            var (fresh, watermark) = Fresh(messages, blob.Watermark);

            // Until the commit is acknowledged, what the blob holds is unknown: also when this throws.
            _last = null;
            try
            {
                _last = fresh.Count == 0 ? blob : await CommitAsync(blob.IsFull ? blob.Next() : blob, fresh, watermark, cancellationToken);
                return new(fresh.Count, fresh.Sum(m => (long)m.Chunk.EventCount), messages.Length - fresh.Count);
            }
            catch (RequestFailedException e) when (IsLostRace(e) && race < MaxRaces)
            {
                log.BlobChanged(NameOf(blob.Number));
            }
        }
    }

    private static (List<HubMessage> Fresh, Watermark Watermark) Fresh(HubMessage[] messages, Watermark watermark)
    {
        var fresh = new List<HubMessage>(messages.Length);
        foreach (var message in messages)
        {
            if (watermark.With(message.Sequence, message.EnqueuedAt) is { } moved)
            {
                fresh.Add(message);
                watermark = moved;
            }
        }

        return (fresh, watermark);
    }

    // Another owner's commit also discards the blocks that were staged for this one's.
    private static bool IsLostRace(RequestFailedException e) => e.Status is 409 or 412 || e.ErrorCode == BlobErrorCode.InvalidBlockList;

    private string NameOf(int number) => LakePath.Blob(folder, partition, number, encoding);

    /// <exception cref="InvalidDataException">A blob with the lake's name for this series was written by something else.</exception>
    private async Task<LakeBlob> LoadLastAsync(CancellationToken cancellationToken)
    {
        var last = -1;
        await foreach (var item in container.GetBlobsAsync(
            BlobTraits.None, BlobStates.None, $"{folder}{partition}-", cancellationToken))
        {
            if (LakePath.TryParse(item.Name, out var name) && name.Partition == partition && name.Encoding == encoding)
            {
                last = Math.Max(last, name.Number);
            }
        }

        if (last < 0)
        {
            return LakeBlob.First;
        }

        var client = container.GetBlockBlobClient(NameOf(last));
        var properties = (await client.GetPropertiesAsync(cancellationToken: cancellationToken)).Value;

        // A commit by another owner between these two calls makes the ETag an old one: the commit under it loses, and this is read again.
        var blocks = (await client.GetBlockListAsync(BlockListTypes.Committed, conditions: null, cancellationToken: cancellationToken)).Value;
        return LakeBlob.Read(last, properties, [.. blocks.CommittedBlocks.Select(block => block.Name)])
            ?? throw new InvalidDataException($"Blob {client.Name} has no watermark in its metadata, so it is not known what it holds. Move it out of the event lake.");
    }

    private async Task<LakeBlob> CommitAsync(LakeBlob blob, List<HubMessage> messages, Watermark watermark, CancellationToken cancellationToken)
    {
        var client = container.GetBlockBlobClient(NameOf(blob.Number));
        var (blocks, bytes) = await BlockStaging.StageAsync(client, messages, cancellationToken);
        blob = blob.With(blocks, bytes, watermark, options);
        var committed = await client.CommitBlockListAsync(
            blob.Blocks,
            new CommitBlockListOptions
            {
                HttpHeaders = _headers,
                Metadata = blob.Metadata(),
                Conditions = blob.ETag is ETag etag
                    ? new BlobRequestConditions { IfMatch = etag }
                    : new BlobRequestConditions { IfNoneMatch = ETag.All },
            },
            cancellationToken);
        return blob with { ETag = committed.Value.ETag };
    }
}
