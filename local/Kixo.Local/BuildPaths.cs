using System.Reflection;

namespace Kixo.Local;

/// <summary>Where the build that this assembly is of has put what the local run starts.</summary>
internal static class BuildPaths
{
    /// <summary>The app, built to run under the stand-in functions host.</summary>
    public static string App { get; } = Path.Combine(Metadata("AppFolder"), "KixoFunctions.dll");

    /// <summary>Its project, with which it is built.</summary>
    public static string AppProject { get; } = Metadata("AppProject");

    /// <summary>The folder of package.json, where npm installs Azurite.</summary>
    public static string Npm { get; } = Metadata("NpmFolder");

    private static string Metadata(string key) => typeof(BuildPaths).Assembly.GetCustomAttributes<AssemblyMetadataAttribute>()
        .First(attribute => attribute.Key == key).Value!;
}
