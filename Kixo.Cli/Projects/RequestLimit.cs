using System.Globalization;

namespace Kixo.Cli.Projects;

/// <summary>Reads a project's limit: a number of requests a second, or that it shall have none of its own.</summary>
internal static class RequestLimit
{
    public const string Default = "default";

    // Likewise the range of the setting Kixo:RateLimiting:RequestsPerSecond.
    private const int Most = 100_000;

    /// <returns>The number, or null for the default.</returns>
    /// <exception cref="CliException">It is neither.</exception>
    public static int? Parse(string text) =>
        text == Default ? null
        : int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var number) && number is >= 1 and <= Most ? number
        : throw new CliException($"A limit of {text}: expected 1 to {Most} requests a second, or '{Default}'.");
}
