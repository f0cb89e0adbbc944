using Azure.Data.Tables;
using Kixo.Batches;
using Kixo.Keys;

namespace Kixo.Cli.Keys;

/// <summary>Creates and changes rows of table <c>ApiKeys</c>. The plain key leaves here once, when it is made.</summary>
internal sealed class KeyAdmin(TableServiceClient tables, TimeProvider time)
{
    private const string Prefix = "kx_key_";
    private const int RandomCharacters = 32;
    private const int FewestDigits = 8; // of a hash, to mean one key

    private readonly TableClient _keys = tables.GetTableClient(ApiKeyEntity.Table);

    /// <param name="terms">What the key may do; its ids and time are filled in here.</param>
    /// <param name="apiKey">A key that is known already, for local runs; null makes a new one.</param>
    /// <returns>The plain key, which nobody can read again.</returns>
    /// <exception cref="CliException">The terms allow what there is not.</exception>
    public async Task<string> CreateAsync(string projectId, ApiKeyEntity terms, string? apiKey, CancellationToken cancellationToken)
    {
        RequireKnown("--platforms", terms.AllowedPlatforms, EnvelopeReader.Platforms);
        RequireKnown("--environments", terms.AllowedEnvironments, EnvelopeReader.Environments);
        await _keys.CreateIfNotExistsAsync(cancellationToken);
        apiKey ??= RandomId.Create(Prefix, RandomCharacters);
        terms.PartitionKey = projectId;
        terms.RowKey = ApiKeyHash.Of(apiKey);
        terms.CreatedAt = time.GetUtcNow();
        await _keys.UpsertEntityAsync(terms, TableUpdateMode.Replace, cancellationToken);
        return apiKey;
    }

    private static void RequireKnown(string option, string? list, IReadOnlyCollection<string> known)
    {
        var unknown = (list ?? "").Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries).FirstOrDefault(name => !known.Contains(name));
        if (unknown is not null)
        {
            throw new CliException($"{option} {unknown}: expected of {string.Join(", ", known)}.");
        }
    }

    public async Task<IReadOnlyList<ApiKeyEntity>> ListAsync(string projectId, CancellationToken cancellationToken)
    {
        var keys = new List<ApiKeyEntity>();
        await foreach (var key in _keys.QueryAsync<ApiKeyEntity>(key => key.PartitionKey == projectId, cancellationToken: cancellationToken))
        {
            keys.Add(key);
        }

        return [.. keys.OrderBy(key => key.CreatedAt)];
    }

    /// <param name="key">The plain key, or the start of its hash as <c>keys list</c> shows it.</param>
    /// <exception cref="CliException">None or several are meant.</exception>
    public async Task<ApiKeyEntity> RevokeAsync(string projectId, string key, CancellationToken cancellationToken)
    {
        var revoked = await FindAsync(projectId, key, cancellationToken);
        revoked.Enabled = false;
        await _keys.UpdateEntityAsync(revoked, revoked.ETag, TableUpdateMode.Merge, cancellationToken);
        return revoked;
    }

    /// <summary>Makes a key that may do what another may, and lets the other end after <paramref name="overlap"/>, unless it ends before.</summary>
    /// <param name="key">The plain key, or the start of its hash as <c>keys list</c> shows it.</param>
    /// <param name="expires">When the new key ends; null for never.</param>
    /// <returns>The new key and its plain text, which nobody can read again.</returns>
    /// <exception cref="CliException">None or several are meant, or one that has ended.</exception>
    public async Task<(string ApiKey, ApiKeyEntity New, ApiKeyEntity Old)> RotateAsync(
        string projectId, string key, TimeSpan overlap, DateTimeOffset? expires, CancellationToken cancellationToken)
    {
        var now = time.GetUtcNow();
        var old = await FindAsync(projectId, key, cancellationToken);
        if (!old.Enabled || old.ExpiresAt <= now)
        {
            throw new CliException($"That key is revoked or has expired, so there is nothing to hand over. A new one: kixo keys create --project {projectId}");
        }

        // First the new one: whatever fails in between, there is a key that works.
        var terms = new ApiKeyEntity
        {
            Label = old.Label,
            ExpiresAt = expires,
            AllowedPlatforms = old.AllowedPlatforms,
            AllowedBundleIds = old.AllowedBundleIds,
            AllowedEnvironments = old.AllowedEnvironments,
        };
        var apiKey = await CreateAsync(projectId, terms, apiKey: null, cancellationToken);
        if (old.ExpiresAt is null || old.ExpiresAt > now + overlap)
        {
            old.ExpiresAt = now + overlap;
            await _keys.UpdateEntityAsync(old, old.ETag, TableUpdateMode.Merge, cancellationToken);
        }

        return (apiKey, terms, old);
    }

    private async Task<ApiKeyEntity> FindAsync(string projectId, string key, CancellationToken cancellationToken)
    {
        if (!key.StartsWith(Prefix, StringComparison.Ordinal) && (key.Length < FewestDigits || !key.All(char.IsAsciiHexDigit)))
        {
            throw new CliException($"Which key? Expected one that begins with {Prefix}, or {FewestDigits} or more digits of its hash. The hashes: kixo keys list --project {projectId}");
        }

        var hash = key.StartsWith(Prefix, StringComparison.Ordinal) ? ApiKeyHash.Of(key) : key;
        var meant = (await ListAsync(projectId, cancellationToken)).Where(k => k.RowKey.StartsWith(hash, StringComparison.OrdinalIgnoreCase)).ToList();
        return meant is [var one] ? one : throw new CliException(meant.Count == 0
            ? $"Project {projectId} has no such key. Its keys: kixo keys list --project {projectId}"
            : "Several keys begin like that: give more of the hash.");
    }
}
