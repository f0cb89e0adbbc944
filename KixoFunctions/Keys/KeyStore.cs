using System.ComponentModel;
using System.Text.RegularExpressions;
using Azure.Data.Tables;

namespace Kixo.Keys;

/// <summary>What the app needs to know of a project; immutable, so that the cache keeps it as it is.</summary>
[ImmutableObject(true)]
internal sealed record ProjectAccess(bool Enabled, int? RequestsPerSecond);

/// <summary>What the app needs to know of a key. The lists are comma-separated; null or empty allows all.</summary>
[ImmutableObject(true)]
internal sealed record KeyAccess(
    bool Enabled, DateTimeOffset? ExpiresAt, string? AllowedPlatforms, string? AllowedBundleIds, string? AllowedEnvironments);

/// <summary>Point reads of tables <c>Projects</c> and <c>ApiKeys</c>.</summary>
internal partial class KeyStore(TableServiceClient tables)
{
    private readonly TableClient _projects = tables.GetTableClient(ProjectEntity.Table);
    private readonly TableClient _keys = tables.GetTableClient(ApiKeyEntity.Table);

    /// <summary>Whether an id has the form of a project's: it names rows, folders and partition keys, so it holds nothing special.</summary>
    public static bool IsProjectId(string id) => ProjectIdForm().IsMatch(id);

    /// <returns>The project, or null when there is none.</returns>
    /// <exception cref="Azure.RequestFailedException">Table Storage does not answer.</exception>
    public virtual async Task<ProjectAccess?> FindProjectAsync(string projectId, CancellationToken cancellationToken)
    {
        var found = await _projects.GetEntityIfExistsAsync<ProjectEntity>(projectId, ProjectEntity.Row, cancellationToken: cancellationToken);
        return found is { HasValue: true, Value: { } row } ? new(row.Enabled, row.RequestsPerSecond) : null;
    }

    /// <returns>The project's key with that hash, or null when there is none.</returns>
    /// <exception cref="Azure.RequestFailedException">Table Storage does not answer.</exception>
    public virtual async Task<KeyAccess?> FindKeyAsync(string projectId, string keyHash, CancellationToken cancellationToken)
    {
        var found = await _keys.GetEntityIfExistsAsync<ApiKeyEntity>(projectId, keyHash, cancellationToken: cancellationToken);
        return found is { HasValue: true, Value: { } row }
            ? new(row.Enabled, row.ExpiresAt, row.AllowedPlatforms, row.AllowedBundleIds, row.AllowedEnvironments)
            : null;
    }

    /// <summary>Asks the table for a row that is never there, for the readiness check.</summary>
    public async Task PingAsync(CancellationToken cancellationToken) => await FindProjectAsync("health", cancellationToken);

    [GeneratedRegex(@"^[A-Za-z0-9_-]{1,128}\z", RegexOptions.CultureInvariant)]
    private static partial Regex ProjectIdForm();
}
