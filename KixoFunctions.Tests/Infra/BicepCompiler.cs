using System.Diagnostics;
using System.Reflection;
using Kixo.Tests.Support;

namespace Kixo.Tests.Infra;

/// <summary>Runs the Bicep compiler that was restored with this project, on the files in infra/.</summary>
internal static class BicepCompiler
{
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(2); // about two seconds on an idle machine

    /// <summary>Whom the deployments mail their alerts to.</summary>
    public const string AlertEmail = "operators@example.com";

    private static readonly string? Executable = Metadata("BicepCompiler");

    /// <summary>False where the project restores no compiler. Where it does and the file is missing, running it fails.</summary>
    public static bool IsRestored => Executable is not null;

    public static string InfraFolder { get; } = Repository.PathOf("infra");

    public static async Task<BicepResult> RunAsync(string folder, params string[] arguments)
    {
        var start = new ProcessStartInfo(Executable!, arguments)
        {
            WorkingDirectory = folder,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        start.Environment["DOTNET_SYSTEM_GLOBALIZATION_INVARIANT"] = "1"; // it is a .NET program: without this it needs libicu
        start.Environment["KIXO_ALERT_EMAIL"] = AlertEmail; // main.prod.bicepparam does without no one to mail to

        using var timeout = new CancellationTokenSource(Patience, TimeProvider.System);
        using var bicep = Process.Start(start)!;
        try
        {
            var output = bicep.StandardOutput.ReadToEndAsync(timeout.Token);
            var error = bicep.StandardError.ReadToEndAsync(timeout.Token);
            await bicep.WaitForExitAsync(timeout.Token);
            return new BicepResult(bicep.ExitCode, await output, await error);
        }
        catch (OperationCanceledException)
        {
            bicep.Kill(entireProcessTree: true);
            throw new TimeoutException($"bicep {string.Join(' ', arguments)} did not end within {Patience}.");
        }
    }

    private static string? Metadata(string key) =>
        typeof(BicepCompiler).Assembly.GetCustomAttributes<AssemblyMetadataAttribute>().SingleOrDefault(a => a.Key == key)?.Value;
}

internal readonly record struct BicepResult(int ExitCode, string Output, string Error);
