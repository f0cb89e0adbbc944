using System.Security.Cryptography;
using System.Text;

namespace Kixo.Keys;

/// <summary>Plain API keys exist only where they are made and where they arrive; everything else knows their hash.</summary>
internal static class ApiKeyHash
{
    /// <summary>SHA-256 of the key's UTF-8, lower-case hexadecimal: 64 characters.</summary>
    public static string Of(string apiKey)
    {
        Span<byte> hash = stackalloc byte[SHA256.HashSizeInBytes];
        SHA256.HashData(Encoding.UTF8.GetBytes(apiKey), hash);
        return Convert.ToHexStringLower(hash);
    }
}
