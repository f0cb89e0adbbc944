using System.Runtime.CompilerServices;
using Amqp;

namespace Kixo.EventHubsEmulator.Access;

/// <summary>The tokens that each connection has put, and what they allow. Without shared access keys, everything is allowed.</summary>
internal sealed class Gate(IReadOnlyDictionary<string, string> keys, TimeProvider clock)
{
    private const string SasType = "servicebus.windows.net:sastoken";

    private readonly ConditionalWeakTable<Connection, List<SharedAccessToken>> _tokens = [];

    /// <exception cref="UnauthorizedAccessException">The token is not good.</exception>
    public void Put(Connection connection, string? type, string? token)
    {
        if (keys.Count == 0)
        {
            return;
        }

        if (type != SasType || token is null)
        {
            throw new UnauthorizedAccessException($"Only tokens of the type {SasType} are taken.");
        }

        var good = SharedAccessToken.Verify(token, keys, clock.GetUtcNow());
        var tokens = _tokens.GetOrCreateValue(connection);
        lock (tokens)
        {
            tokens.RemoveAll(old => old.Entity == good.Entity || old.ExpiresOn <= clock.GetUtcNow());
            tokens.Add(good);
        }
    }

    /// <param name="entity">Its path, such as <c>events/Partitions/0</c>.</param>
    public bool Admits(Connection connection, string entity)
    {
        if (keys.Count == 0)
        {
            return true;
        }

        if (!_tokens.TryGetValue(connection, out var tokens))
        {
            return false;
        }

        lock (tokens)
        {
            return tokens.Exists(token => token.ExpiresOn > clock.GetUtcNow() && token.Covers(entity));
        }
    }

    /// <summary>Tells a client what it lacks.</summary>
    public static string Refusal(string entity) =>
        $"Unauthorized access to '{entity}': the connection has no token for it that is signed with a shared access key and has not expired.";
}
