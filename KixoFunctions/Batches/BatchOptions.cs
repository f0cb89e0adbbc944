using System.ComponentModel.DataAnnotations;
using Microsoft.Extensions.Options;

namespace Kixo.Batches;

/// <summary>Section <c>Kixo:Batches</c>.</summary>
internal sealed class BatchOptions
{
    /// <summary>How far a client's clock may be off before its timestamps are corrected. Default one minute, so that a slow upload moves nothing.</summary>
    [Range(typeof(TimeSpan), "00:00:01", "1.00:00:00")]
    public TimeSpan ClockTolerance { get; set; } = TimeSpan.FromSeconds(60);
}

[OptionsValidator]
internal sealed partial class BatchOptionsValidator : IValidateOptions<BatchOptions>;
