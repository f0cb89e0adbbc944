using System.ComponentModel.DataAnnotations;
using Microsoft.Extensions.Options;

namespace Kixo.Persistence;

/// <summary>Section <c>Kixo:Persistence</c>.</summary>
internal sealed class LakeOptions
{
    /// <summary>
    /// Blocks of one blob before the next begins. Default 1,000: each commit sends the whole list (about 70 bytes a block),
    /// and Blob Storage allows 50,000.
    /// </summary>
    [Range(1, 40_000)]
    public int MaxBlocksPerBlob { get; set; } = 1_000;

    /// <summary>Bytes of one blob before the next begins. Default 256 MiB, a good size for query engines.</summary>
    [Range(1L, 1L << 40)]
    public long MaxBlobBytes { get; set; } = 256L << 20;

    /// <summary>Blobs of one invocation that are written at the same time. Default 8.</summary>
    [Range(1, 64)]
    public int Parallelism { get; set; } = 8;
}

[OptionsValidator]
internal sealed partial class LakeOptionsValidator : IValidateOptions<LakeOptions>;
