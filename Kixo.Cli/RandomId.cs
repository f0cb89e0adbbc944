using System.Security.Cryptography;

namespace Kixo.Cli;

/// <summary>Ids and keys that nobody can guess or has made before.</summary>
internal static class RandomId
{
    private const string Base62 = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";

    public static string Create(string prefix, int characters) => prefix + RandomNumberGenerator.GetString(Base62, characters);
}
