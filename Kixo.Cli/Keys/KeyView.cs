using Kixo.Keys;

namespace Kixo.Cli.Keys;

/// <summary>A key as it is shown; the lists are null where it allows all.</summary>
/// <param name="Hash">The start of its hash: enough to tell keys apart.</param>
/// <param name="ApiKey">The plain key: known only where it has just been made.</param>
internal sealed record KeyView(
    string ProjectId, string Hash, string? ApiKey, string? Label, KeyState State, DateTimeOffset CreatedAt, DateTimeOffset? ExpiresAt,
    IReadOnlyList<string>? Platforms, IReadOnlyList<string>? BundleIds, IReadOnlyList<string>? Environments)
{
    private const int ShownHash = 12;

    public static KeyView Of(ApiKeyEntity key, DateTimeOffset now, string? apiKey = null) => new(
        key.PartitionKey, key.RowKey[..ShownHash], apiKey, key.Label,
        !key.Enabled ? KeyState.Revoked : key.ExpiresAt <= now ? KeyState.Expired : KeyState.Active,
        key.CreatedAt, key.ExpiresAt, List(key.AllowedPlatforms), List(key.AllowedBundleIds), List(key.AllowedEnvironments));

    private static string[]? List(string? names) => string.IsNullOrWhiteSpace(names)
        ? null
        : names.Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries);
}

internal enum KeyState
{
    Active,
    Expired,
    Revoked,
}
