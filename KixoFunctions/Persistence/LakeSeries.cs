using System.Globalization;
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
    /// <summary>Bytes that are put into one block, to bound the memory of one write; Blob Storage allows 4,000 MiB.</summary>
    private const int BlockBytes = 32 << 20;

    private const string SequenceKey = "sequence";
    private const string EnqueuedKey = "enqueued";

    // Losing more often than that is no race any more, but a fault worth the trigger's retry with its delay.
    private const int MaxRaces = 5;

    private LakeBlob? _last;

    /// <summary>A timestamp of the lake's clock, for it to forget series that are not written to any more.</summary>
    public long LastUsed { get; set; }

    /// <summary>Appends what is behind the watermark.</summary>
    public async Task<Appended> AppendAsync(HubMessage[] messages, CancellationToken cancellationToken)
    {
        for (var race = 1; ; race++)
        {
            var blob = _last ?? await LoadLastAsync(cancellationToken);

            // Until the commit is acknowledged, what the blob holds is unknown: also when this throws.
            _last = null;
            var fresh = Array.FindAll(messages, m => m.Sequence > blob.Sequence);
            if (fresh.Length == 0)
            {
                _last = blob;
                return new(0, 0, messages.Length);
            }

            try
            {
                _last = await CommitAsync(blob.IsFull(options) ? blob.Next() : blob, fresh, cancellationToken);
                return new(fresh.Length, fresh.Sum(m => (long)m.Chunk.EventCount), messages.Length - fresh.Length);
            }
            catch (RequestFailedException e) when (e.Status is 409 or 412 && race < MaxRaces)
            {
                log.BlobChanged(NameOf(blob.Number));
            }
        }
    }

    /// <exception cref="InvalidDataException">A blob with the lake's name for this series was written by something else.</exception>
    private static long WatermarkOf(BlobProperties properties, string blob) =>
        properties.Metadata.TryGetValue(SequenceKey, out var text) && long.TryParse(text, CultureInfo.InvariantCulture, out var sequence)
            ? sequence
            : throw new InvalidDataException($"Blob {blob} has no metadata '{SequenceKey}', so it is not known what it holds. Move it out of the event lake.");

    private string NameOf(int number) => LakePath.Blob(folder, partition, number, encoding);

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
        return new LakeBlob(
            last,
            properties.ETag,
            [.. blocks.CommittedBlocks.Select(block => block.Name)],
            properties.ContentLength,
            WatermarkOf(properties, client.Name));
    }

    private async Task<LakeBlob> CommitAsync(LakeBlob blob, HubMessage[] messages, CancellationToken cancellationToken)
    {
        var client = container.GetBlockBlobClient(NameOf(blob.Number));
        var (blocks, bytes) = await StageAsync(client, messages, cancellationToken);
        blocks.InsertRange(0, blob.Blocks);
        var newest = messages[^1];
        var committed = await client.CommitBlockListAsync(
            blocks,
            new CommitBlockListOptions
            {
                HttpHeaders = new BlobHttpHeaders { ContentType = encoding == ChunkEncoding.Zstd ? "application/zstd" : "application/gzip" },
                Metadata = new Dictionary<string, string>
                {
                    [SequenceKey] = newest.Sequence.ToString(CultureInfo.InvariantCulture),
                    [EnqueuedKey] = newest.EnqueuedAt.ToString("O", CultureInfo.InvariantCulture),
                },
                Conditions = blob.ETag is ETag etag
                    ? new BlobRequestConditions { IfMatch = etag }
                    : new BlobRequestConditions { IfNoneMatch = ETag.All },
            },
            cancellationToken);
        return new LakeBlob(blob.Number, committed.Value.ETag, blocks, blob.Bytes + bytes, newest.Sequence);
    }

    private static async Task<(List<string> Blocks, long Bytes)> StageAsync(
        BlockBlobClient client, HubMessage[] messages, CancellationToken cancellationToken)
    {
        var (blocks, bytes) = (new List<string>(), 0L);
        using var block = new PooledBuffer((int)Math.Min(BlockBytes, messages.Sum(m => (long)m.Chunk.Body.Length)));
        foreach (var message in messages)
        {
            if (block.Length > 0 && block.Length + message.Chunk.Body.Length > BlockBytes)
            {
                await FlushAsync();
            }

            block.Append(message.Chunk.Body.Span);
        }

        await FlushAsync();
        return (blocks, bytes);

        async Task FlushAsync()
        {
            // A name of its own for every try: two owners may stage to the same blob, and none may commit the other's bytes.
            var name = Convert.ToBase64String(Guid.NewGuid().ToByteArray());
            using var stream = BinaryData.FromBytes(block.Written).ToStream();
            await client.StageBlockAsync(name, stream, cancellationToken: cancellationToken);
            blocks.Add(name);
            bytes += block.Length;
            block.Clear();
        }
    }

    /// <summary>What one blob is known to hold.</summary>
    /// <param name="Number">The <c>n</c> of its name.</param>
    /// <param name="ETag">Null when it is yet to be created.</param>
    /// <param name="Blocks">The names of its committed blocks.</param>
    /// <param name="Bytes">Their size.</param>
    /// <param name="Sequence">The watermark: every message of the partition for this folder up to it is in this blob or one before.</param>
    private sealed record LakeBlob(int Number, ETag? ETag, List<string> Blocks, long Bytes, long Sequence)
    {
        public static LakeBlob First => new(0, null, [], 0, long.MinValue);

        public bool IsFull(LakeOptions options) => Blocks.Count >= options.MaxBlocksPerBlob || Bytes >= options.MaxBlobBytes;

        public LakeBlob Next() => new(Number + 1, null, [], 0, Sequence);
    }
}
