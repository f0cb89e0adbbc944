using System.ComponentModel;
using Kixo.Telemetry;
using Microsoft.Extensions.Caching.Hybrid;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace Kixo.Keys;

/// <summary>Decides what a key may do, from a cache of what the tables say; while they do not answer, from what they last said.</summary>
internal sealed class KeyDirectory(
    KeyStore store, HybridCache cache, TimeProvider time, IOptions<KeyOptions> options, KixoMetrics metrics, ILogger<KeyDirectory> log)
{
    /// <summary>An answer of the tables, "there is none" among them, and when they were asked.</summary>
    [ImmutableObject(true)]
    private sealed record Lookup<T>(T? Found, DateTimeOffset At)
        where T : class;

    private static readonly HybridCacheEntryOptions ReadOnly = new()
    {
        Flags = HybridCacheEntryFlags.DisableUnderlyingData | HybridCacheEntryFlags.DisableLocalCacheWrite,
    };

    private readonly HybridCacheEntryOptions _fresh = new() { Expiration = options.Value.HitLifetime };
    private readonly OncePerMinute _loggingFailures = new(time);
    private readonly OncePerMinute _loggingLastKnown = new(time);
    private readonly HybridCacheEntryOptions _lastKnown = new() { Expiration = options.Value.LastKnownLifetime };

    public async ValueTask<KeyVerdict> CheckAsync(
        string projectId, string apiKey, string platform, string bundleId, string environment, CancellationToken cancellationToken)
    {
        if (!KeyStore.IsProjectId(projectId))
        {
            return KeyVerdict.InvalidKey;
        }

        ProjectAccess? project;
        KeyAccess? key;
        try
        {
            project = await LookUpAsync($"project/{projectId}", token => store.FindProjectAsync(projectId, token), cancellationToken);
            if (project is null)
            {
                return KeyVerdict.InvalidKey;
            }

            var hash = ApiKeyHash.Of(apiKey);
            key = await LookUpAsync($"key/{projectId}/{hash}", token => store.FindKeyAsync(projectId, hash, token), cancellationToken);
        }
        catch (Exception e) when (!cancellationToken.IsCancellationRequested)
        {
            if (_loggingFailures.IsDue())
            {
                log.KeyLookupFailed(e, projectId);
            }

            return KeyVerdict.Unavailable;
        }

        if (key is not { Enabled: true } || key.ExpiresAt <= time.GetUtcNow())
        {
            return KeyVerdict.InvalidKey;
        }

        var reason = !project.Enabled ? "The project is disabled."
            : !Allows(key.AllowedPlatforms, platform) ? "The API key does not allow this platform."
            : !Allows(key.AllowedBundleIds, bundleId) ? "The API key does not allow this bundle_id."
            : !Allows(key.AllowedEnvironments, environment) ? "The API key does not allow this environment."
            : null;
        return reason is null ? KeyVerdict.Allowed(project.RequestsPerSecond) : KeyVerdict.NotAllowed(reason, project.RequestsPerSecond);
    }

    private static bool Allows(string? list, string value) =>
        string.IsNullOrWhiteSpace(list)
        || list.Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries).Contains(value, StringComparer.Ordinal);

    private async ValueTask<T?> LookUpAsync<T>(string name, Func<CancellationToken, Task<T?>> find, CancellationToken cancellationToken)
        where T : class
    {
        var asked = false;
        var lookup = await FreshAsync();
        if (lookup.Found is null && time.GetUtcNow() - lookup.At > options.Value.MissLifetime)
        {
            await cache.RemoveAsync(name, cancellationToken);
            lookup = await FreshAsync();
        }

        if (!asked)
        {
            metrics.KeyLookedUp("hit");
        }

        return lookup.Found;

        ValueTask<Lookup<T>> FreshAsync() =>
            cache.GetOrCreateAsync(name, token =>
            {
                asked = true;
                return AskAsync(name, find, token);
            }, _fresh, cancellationToken: cancellationToken);
    }

    private async ValueTask<Lookup<T>> AskAsync<T>(string name, Func<CancellationToken, Task<T?>> find, CancellationToken cancellationToken)
        where T : class
    {
        var lastKnown = $"last/{name}";
        using var timeout = new CancellationTokenSource(options.Value.Timeout, time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(timeout.Token, cancellationToken);
        try
        {
            var lookup = new Lookup<T>(await find(either.Token), time.GetUtcNow());
            metrics.KeyLookedUp("miss");
            if (lookup.Found is not null)
            {
                await cache.SetAsync(lastKnown, lookup, _lastKnown, cancellationToken: cancellationToken);
            }
            else
            {
                await cache.RemoveAsync(lastKnown, cancellationToken);
            }

            return lookup;
        }
        catch (Exception e) when (!cancellationToken.IsCancellationRequested)
        {
            var known = await cache.GetOrCreateAsync(
                lastKnown, static _ => ValueTask.FromResult<Lookup<T>?>(null), ReadOnly, cancellationToken: cancellationToken);
            metrics.KeyLookedUp(known is null ? "failed" : "stale");
            if (known is null)
            {
                throw e is OperationCanceledException ? new TimeoutException("Table Storage did not answer in time.", e) : e;
            }

            if (_loggingLastKnown.IsDue())
            {
                log.LastKnownKeyServed(e);
            }

            return known with { At = time.GetUtcNow() };
        }
    }
}
