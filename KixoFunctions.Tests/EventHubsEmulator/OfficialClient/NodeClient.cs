using System.Diagnostics;
using System.Text.Json;
using Kixo.Local;
using Kixo.Tests.Support;

namespace Kixo.Tests.EventHubsEmulator.OfficialClient;

/// <summary>The official client for JavaScript, @azure/event-hubs, as client.mjs drives it in a process of its own.</summary>
internal sealed class NodeClient : IAsyncDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(2);

    private static readonly string Folder = Repository.PathOf("KixoFunctions.Tests", "EventHubsEmulator", "OfficialClient");

    private readonly Process _process;

    private NodeClient(Process process) => _process = process;

    public static Task InstallAsync() => new NpmPackages(Folder, "the official Event Hubs client").InstallAsync(() => { }, CancellationToken.None);

    /// <summary>Runs a command of the script to its end.</summary>
    public static async Task<JsonElement> RunAsync(string command, object settings)
    {
        await using var client = Start(command, settings);
        return await client.HearAsync();
    }

    public static NodeClient Start(string command, object settings) => new(Process.Start(
        new ProcessStartInfo("node", ["client.mjs", command, JsonSerializer.Serialize(settings, JsonSerializerOptions.Web)])
        {
            WorkingDirectory = Folder,
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
        })!);

    public Task TellAsync(string line) => _process.StandardInput.WriteLineAsync(line);

    public async Task<JsonElement> HearAsync()
    {
        var line = await _process.StandardOutput.ReadLineAsync(CancellationToken.None).AsTask().WaitAsync(Patience, TimeProvider.System);
        using var said = JsonDocument.Parse(line ?? throw new EndOfStreamException("The script has ended."));
        return said.RootElement.Clone();
    }

    public async ValueTask DisposeAsync()
    {
        _process.Kill();
        await _process.WaitForExitAsync(CancellationToken.None);
        _process.Dispose();
    }
}
