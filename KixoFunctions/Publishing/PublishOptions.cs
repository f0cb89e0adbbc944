using System.ComponentModel.DataAnnotations;
using Microsoft.Extensions.Options;

namespace Kixo.Publishing;

/// <summary>Section <c>Kixo:Publishing</c>.</summary>
internal sealed class PublishOptions
{
    /// <summary>How messages are compressed: <c>Zstd</c> (default) or <c>Gzip</c>.</summary>
    [EnumDataType(typeof(ChunkEncoding))]
    public ChunkEncoding Encoding { get; set; } = ChunkEncoding.Zstd;

    /// <summary>How long Event Hubs may take to acknowledge, tries included; then the answer is 503. Default 10 s.</summary>
    [Range(typeof(TimeSpan), "00:00:01", "00:01:00")]
    public TimeSpan Timeout { get; set; } = TimeSpan.FromSeconds(10);

    /// <summary>
    /// Compressed bytes of one message; a batch that needs more goes in several. Default 1,000,000, below the 1 MiB of the
    /// Standard tier with room for properties and framing; the Basic tier takes 256 KiB.
    /// </summary>
    [Range(64 * 1024, 1_000_000)]
    public int MaxMessageBytes { get; set; } = 1_000_000;
}

[OptionsValidator]
internal sealed partial class PublishOptionsValidator : IValidateOptions<PublishOptions>;
