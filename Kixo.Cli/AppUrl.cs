namespace Kixo.Cli;

/// <summary>Reads the app's address.</summary>
internal static class AppUrl
{
    /// <exception cref="CliException">It is none.</exception>
    public static Uri Parse(string text) => Uri.TryCreate(text, UriKind.Absolute, out var url) && url.Scheme is "http" or "https"
        ? url
        : throw new CliException($"{text}: expected the app's address, such as https://example.azurewebsites.net.");
}
