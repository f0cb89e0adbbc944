using Azure.Storage.Blobs.Specialized;

namespace Kixo.Persistence;

/// <summary>Puts chunks behind each other into as few blocks as is good for memory.</summary>
internal static class BlockStaging
{
    /// <summary>
    /// Bytes of one block, to bound the memory of one write. A chunk is smaller (a message has up to 1 MiB, 20 MiB in a dedicated
    /// cluster); one that is not gets a block of its own, of which Blob Storage allows 4,000 MiB.
    /// </summary>
    public const int BlockBytes = 32 << 20;

    /// <returns>The names of the blocks, which are not part of the blob yet, and their size.</returns>
    public static async Task<(IReadOnlyList<string> Blocks, long Bytes)> StageAsync(
        BlockBlobClient client, IReadOnlyCollection<HubMessage> messages, CancellationToken cancellationToken)
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
}
