namespace Kixo.Keys;

/// <summary>What a key may do for a batch.</summary>
/// <param name="Outcome">The one thing to look at.</param>
/// <param name="Reason">For <see cref="KeyOutcome.NotAllowed"/>: what is not allowed, for the sender.</param>
/// <param name="RequestsPerSecond">Of a good key: the project's own limit, or null for the default.</param>
internal readonly record struct KeyVerdict(KeyOutcome Outcome, string? Reason = null, int? RequestsPerSecond = null)
{
    public static KeyVerdict Allowed(int? requestsPerSecond) => new(KeyOutcome.Allowed, RequestsPerSecond: requestsPerSecond);

    public static KeyVerdict InvalidKey { get; } = new(KeyOutcome.InvalidKey);

    public static KeyVerdict NotAllowed(string reason, int? requestsPerSecond) => new(KeyOutcome.NotAllowed, reason, requestsPerSecond);

    public static KeyVerdict Unavailable { get; } = new(KeyOutcome.Unavailable);
}

internal enum KeyOutcome
{
    /// <summary>The key is the project's and allows what was asked.</summary>
    Allowed,

    /// <summary>Unknown project; unknown, revoked or expired key: not told apart.</summary>
    InvalidKey,

    /// <summary>A good key for something else, or a disabled project.</summary>
    NotAllowed,

    /// <summary>Table Storage does not answer, and nothing is known of the key.</summary>
    Unavailable,
}
