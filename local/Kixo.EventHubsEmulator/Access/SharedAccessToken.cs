using System.Globalization;
using System.Security.Cryptography;
using System.Text;

namespace Kixo.EventHubsEmulator.Access;

/// <summary>A shared access signature that was found good: the entity it is for, with all below it, and its end.</summary>
internal readonly record struct SharedAccessToken(string Entity, DateTimeOffset ExpiresOn)
{
    private const string Prefix = "SharedAccessSignature ";

    /// <param name="token"><c>SharedAccessSignature sr=…&amp;sig=…&amp;se=…&amp;skn=…</c>, its values percent-encoded; <c>sig</c> signs <c>sr</c> as it stands and <c>se</c>, in Unix seconds.</param>
    /// <param name="keys">Shared access keys by name.</param>
    /// <exception cref="UnauthorizedAccessException">It is no such token, is not signed with a key, or has expired.</exception>
    public static SharedAccessToken Verify(string token, IReadOnlyDictionary<string, string> keys, DateTimeOffset now)
    {
        var parts = new Dictionary<string, string>(StringComparer.Ordinal);
        foreach (var part in token.StartsWith(Prefix, StringComparison.Ordinal) ? token[Prefix.Length..].Split('&') : [])
        {
            var equals = part.IndexOf('=', StringComparison.Ordinal);
            parts[part[..Math.Max(equals, 0)]] = part[(equals + 1)..];
        }

        if (parts is not { Count: > 3 } || !(parts.TryGetValue("sr", out var resource) && parts.TryGetValue("sig", out var signature)
            && parts.TryGetValue("se", out var end) && parts.TryGetValue("skn", out var keyName)))
        {
            throw new UnauthorizedAccessException("The token is no shared access signature.");
        }

        if (!keys.TryGetValue(Uri.UnescapeDataString(keyName), out var key) || !IsSignature(signature, key, $"{resource}\n{end}"))
        {
            throw new UnauthorizedAccessException("The token's signature is not that of a shared access key of this emulator.");
        }

        if (!long.TryParse(end, NumberStyles.None, CultureInfo.InvariantCulture, out var seconds) || seconds <= now.ToUnixTimeSeconds())
        {
            throw new UnauthorizedAccessException("The token has expired.");
        }

        var expiresOn = DateTimeOffset.FromUnixTimeSeconds(Math.Min(seconds, DateTimeOffset.MaxValue.ToUnixTimeSeconds()));
        return new(EntityOf(Uri.UnescapeDataString(resource)), expiresOn);
    }

    /// <summary>Whether it is for this entity or one above it.</summary>
    public bool Covers(string entity) => Entity.Length == 0 || $"{entity}/".StartsWith($"{Entity}/", StringComparison.OrdinalIgnoreCase);

    /// <summary>The path of an address, which alone names the entity: this emulator has one namespace, whatever clients call it.</summary>
    public static string EntityOf(string address)
    {
        var afterScheme = address.IndexOf("://", StringComparison.Ordinal) is >= 0 and var scheme ? scheme + 3 : 0;
        var path = address.IndexOf('/', afterScheme);
        return path < 0 ? "" : address[path..].Trim('/');
    }

    private static bool IsSignature(string signature, string key, string signed)
    {
        var given = new byte[HMACSHA256.HashSizeInBytes];
        return Convert.TryFromBase64String(Uri.UnescapeDataString(signature), given, out _)
            && CryptographicOperations.FixedTimeEquals(given, HMACSHA256.HashData(Encoding.UTF8.GetBytes(key), Encoding.UTF8.GetBytes(signed)));
    }
}
