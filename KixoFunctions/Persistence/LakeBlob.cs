using Azure;
using Azure.Storage.Blobs.Models;

namespace Kixo.Persistence;

/// <summary>What one blob of a series is known to hold.</summary>
/// <param name="Number">The <c>n</c> of its name.</param>
/// <param name="ETag">Null when it is yet to be created.</param>
/// <param name="Blocks">The names of its committed blocks.</param>
/// <param name="Bytes">Their size.</param>
/// <param name="Watermark">Which messages are in this blob or one before.</param>
/// <param name="IsFull">
/// Whether the next messages go to the next blob. Whoever fills a blob says so in the same commit: if each owner went by its own
/// limits, one with a higher limit could go on in this blob, and succeed, while another has begun the next.
/// </param>
internal sealed record LakeBlob(int Number, ETag? ETag, IReadOnlyList<string> Blocks, long Bytes, Watermark Watermark, bool IsFull)
{
    private const string FullKey = "full";

    public static LakeBlob First { get; } = new(0, null, [], 0, Watermark.None, IsFull: false);

    /// <summary>Null when the metadata holds no watermark.</summary>
    public static LakeBlob? Read(int number, BlobProperties properties, IReadOnlyList<string> blocks) =>
        Watermark.Read(properties.Metadata) is { } watermark
            ? new(number, properties.ETag, blocks, properties.ContentLength, watermark, properties.Metadata.ContainsKey(FullKey))
            : null;

    public LakeBlob Next() => new(Number + 1, null, [], 0, Watermark, IsFull: false);

    public LakeBlob With(IReadOnlyList<string> blocks, long bytes, Watermark watermark, LakeOptions options) => this with
    {
        Blocks = [.. Blocks, .. blocks],
        Bytes = Bytes + bytes,
        Watermark = watermark,
        IsFull = Blocks.Count + blocks.Count >= options.MaxBlocksPerBlob || Bytes + bytes >= options.MaxBlobBytes,
    };

    public Dictionary<string, string> Metadata()
    {
        var metadata = new Dictionary<string, string>();
        Watermark.WriteTo(metadata);
        if (IsFull)
        {
            metadata[FullKey] = "true";
        }

        return metadata;
    }
}
