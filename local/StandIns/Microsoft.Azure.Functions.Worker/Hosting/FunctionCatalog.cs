using System.Reflection;
using System.Runtime.CompilerServices;
using Microsoft.Extensions.Configuration;

namespace Microsoft.Azure.Functions.Worker.Hosting;

/// <summary>The functions of an assembly, found by their attribute once, at start.</summary>
internal static class FunctionCatalog
{
    /// <summary>Leaves out a function whose setting <c>AzureWebJobs.{name}.Disabled</c> (or with <c>__</c> for each dot) is true, as the official host does.</summary>
    public static IReadOnlyList<HostedFunction> Find(Assembly assembly, IConfiguration configuration)
    {
        var functions = new Dictionary<string, HostedFunction>(StringComparer.OrdinalIgnoreCase);
        var methods = assembly.GetTypes().Where(type => type.IsClass && !type.IsDefined(typeof(CompilerGeneratedAttribute), inherit: false))
            .SelectMany(type => type.GetMethods(
                BindingFlags.Public | BindingFlags.NonPublic | BindingFlags.Instance | BindingFlags.Static | BindingFlags.DeclaredOnly))
            .Where(method => method.IsDefined(typeof(FunctionAttribute), inherit: false));
        foreach (var method in methods)
        {
            if (method.GetCustomAttribute<FunctionAttribute>()?.Name is not { } name
                || IsTrue(configuration[$"AzureWebJobs.{name}.Disabled"]) || IsTrue(configuration[$"AzureWebJobs:{name}:Disabled"]))
            {
                continue;
            }

            var function = new HostedFunction(name, method);
            if (!functions.TryAdd(name, function))
            {
                throw new InvalidOperationException($"Two functions are named {name}: {functions[name].EntryPoint} and {function.EntryPoint}.");
            }
        }

        return [.. functions.Values];
    }

    private static bool IsTrue(string? setting) => string.Equals(setting, "true", StringComparison.OrdinalIgnoreCase);
}
