namespace Kixo.Tests.Support;

/// <summary>A test that needs Chromium, and says so where there is none.</summary>
internal sealed class ChromiumFactAttribute : FactAttribute
{
    private static readonly string[] Names = ["chromium", "chromium-browser", "google-chrome"];

    public ChromiumFactAttribute() => Skip = Executable is null ? $"None of {string.Join(", ", Names)} is on the PATH." : null;

    /// <summary>The browser's file, or null.</summary>
    public static string? Executable { get; } = (Environment.GetEnvironmentVariable("PATH") ?? "").Split(Path.PathSeparator)
        .SelectMany(folder => Names.Select(name => Path.Combine(folder, name))).FirstOrDefault(File.Exists);
}
