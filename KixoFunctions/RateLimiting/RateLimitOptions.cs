using System.ComponentModel.DataAnnotations;
using Microsoft.Extensions.Options;

namespace Kixo.RateLimiting;

/// <summary>Section <c>Kixo:RateLimiting</c>.</summary>
internal sealed class RateLimitOptions
{
    /// <summary>Requests a second of a project that has no limit of its own. Default 100, as documented.</summary>
    [Range(1, 100_000)]
    public int RequestsPerSecond { get; set; } = 100;

    /// <summary>How long a request waits for the counter before it is decided without. Default 250 ms.</summary>
    [Range(typeof(TimeSpan), "00:00:00.010", "00:00:10")]
    public TimeSpan Timeout { get; set; } = TimeSpan.FromMilliseconds(250);

    /// <summary>
    /// How long the counters must have given no answer before the local limit decides; until then, what cannot be leased is
    /// refused. Default 5 s: neither a lost answer nor a hiccup of the storage may open a second limit beside the counter's.
    /// </summary>
    [Range(typeof(TimeSpan), "00:00:00.100", "00:01:00")]
    public TimeSpan OutageAfter { get; set; } = TimeSpan.FromSeconds(5);

    /// <summary>By how many instances the limit is divided while the counter does not answer. Default 1.</summary>
    [Range(1, 1_000)]
    public int ExpectedInstances { get; set; } = 1;
}

[OptionsValidator]
internal sealed partial class RateLimitOptionsValidator : IValidateOptions<RateLimitOptions>;
