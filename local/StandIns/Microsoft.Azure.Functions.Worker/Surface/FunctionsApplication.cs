using System.Reflection;

namespace Microsoft.Azure.Functions.Worker.Builder;

public class FunctionsApplication
{
    /// <summary>A builder for an app of the functions in the entry assembly.</summary>
    public static FunctionsApplicationBuilder CreateBuilder(string[] args) =>
        CreateBuilder(args, Assembly.GetEntryAssembly()!, AppContext.BaseDirectory);

    /// <param name="args">Command line arguments, which become configuration.</param>
    /// <param name="assembly">Where the functions are.</param>
    /// <param name="scriptRoot">The folder with host.json and local.settings.json.</param>
    internal static FunctionsApplicationBuilder CreateBuilder(string[] args, Assembly assembly, string scriptRoot) =>
        new(args, assembly, scriptRoot);
}
