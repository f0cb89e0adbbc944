using System.ComponentModel.DataAnnotations;
using Microsoft.Extensions.Options;

namespace Kixo.Keys;

/// <summary>Section <c>Kixo:Keys</c>.</summary>
internal sealed class KeyOptions
{
    /// <summary>How long a found key or project is taken as it is: a revoked key works so long at most. Default 30 s.</summary>
    [Range(typeof(TimeSpan), "00:00:01", "00:01:00")]
    public TimeSpan HitLifetime { get; set; } = TimeSpan.FromSeconds(30);

    /// <summary>How long a key that was not found is refused unasked. Default 10 s, since it may be a new one.</summary>
    [Range(typeof(TimeSpan), "00:00:01", "00:01:00")]
    public TimeSpan MissLifetime { get; set; } = TimeSpan.FromSeconds(10);

    /// <summary>How long the last known answer serves while Table Storage does not answer. Default 10 minutes.</summary>
    [Range(typeof(TimeSpan), "00:00:30", "1.00:00:00")]
    public TimeSpan LastKnownLifetime { get; set; } = TimeSpan.FromMinutes(10);

    /// <summary>How long a lookup may take. Default 2 s.</summary>
    [Range(typeof(TimeSpan), "00:00:00.100", "00:00:30")]
    public TimeSpan Timeout { get; set; } = TimeSpan.FromSeconds(2);
}

[OptionsValidator]
internal sealed partial class KeyOptionsValidator : IValidateOptions<KeyOptions>;
