namespace Kixo.Local;

internal static class Dotnet
{
    /// <summary>The dotnet that runs this process; from PATH where this process has a launcher of its own.</summary>
    public static string Path { get; } =
        System.IO.Path.GetFileNameWithoutExtension(Environment.ProcessPath) == "dotnet" ? Environment.ProcessPath! : "dotnet";
}
