using System.ComponentModel;
using Azure.Data.Tables;
using Azure.Storage.Blobs;

namespace Kixo.Local;

/// <summary>Azure Storage's emulator, from npm, as a process.</summary>
internal sealed class Azurite : IAsyncDisposable
{
    private static readonly TimeSpan StartTimeout = TimeSpan.FromSeconds(60);

    private readonly ChildProcess _process;

    private Azurite(ChildProcess process, AzuritePorts ports) => (_process, Ports) = (process, ports);

    public string ConnectionString => Ports.ConnectionString;

    public AzuritePorts Ports { get; }

    public ChildProcess Process => _process;

    private static string Script => Path.Combine(BuildPaths.Npm, "node_modules", "azurite", "dist", "src", "azurite.js");

    private static NpmPackages Packages => new(BuildPaths.Npm, "Azurite, the emulator of Azure Storage");

    /// <summary>Installs Azurite as package-lock.json says, when that has not been done; about a minute.</summary>
    /// <param name="report">Told what goes on.</param>
    /// <exception cref="LocalException">There is no Node.js, or npm failed.</exception>
    public static Task InstallAsync(Action<string> report, CancellationToken cancellationToken) => Packages.InstallAsync(
        () => report("Installing Azurite, the emulator of Azure Storage, with npm ci: once, about a minute …"), cancellationToken);

    /// <param name="folder">Where its data is kept.</param>
    /// <param name="logFile">Where its output goes.</param>
    /// <param name="ports">Where it listens on 127.0.0.1.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <param name="savesBeforeAnswer">
    /// What it has acknowledged outlives a kill, as in Azure Storage. By itself it saves every five seconds, with less work.
    /// </param>
    /// <exception cref="LocalException">It does not start.</exception>
    public static async Task<Azurite> StartAsync(
        string folder, string logFile, AzuritePorts ports, CancellationToken cancellationToken, bool savesBeforeAnswer = false)
    {
        Directory.CreateDirectory(folder);
        string[] arguments =
        [
            "--require", Path.Combine(BuildPaths.Npm, "stop-with-stdin.cjs"),
            .. savesBeforeAnswer ? (string[])["--require", Path.Combine(BuildPaths.Npm, "save-before-answer.cjs")] : [],
            Script,
            "--skipApiVersionCheck", "--disableTelemetry", "--silent", "--location", folder,
            "--blobHost", "127.0.0.1", "--blobPort", $"{ports.Blob}",
            "--queueHost", "127.0.0.1", "--queuePort", $"{ports.Queue}",
            "--tableHost", "127.0.0.1", "--tablePort", $"{ports.Table}",
        ];
        ChildProcess process;
        try
        {
            process = ChildProcess.Start("Azurite", "node", logFile, arguments);
        }
        catch (Win32Exception)
        {
            throw Packages.NodeMissing("node");
        }

        var azurite = new Azurite(process, ports);
        try
        {
            await azurite.AnswersAsync(cancellationToken);
            return azurite;
        }
        catch
        {
            await azurite.DisposeAsync();
            throw;
        }
    }

    public ValueTask DisposeAsync() => _process.DisposeAsync();

    private async Task AnswersAsync(CancellationToken cancellationToken)
    {
        var tables = new TableServiceClient(ConnectionString, new TableClientOptions { Retry = { MaxRetries = 0 } });
        var blobs = new BlobServiceClient(ConnectionString, new BlobClientOptions { Retry = { MaxRetries = 0 } });
        await Wait.UntilAsync("Azurite", _process, StartTimeout, async token =>
        {
            await tables.GetPropertiesAsync(token);
            await blobs.GetPropertiesAsync(token);
            return true;
        }, cancellationToken);
    }
}

internal readonly record struct AzuritePorts(int Blob, int Queue, int Table)
{
    // Public and the same in every Azurite: no secret.
    private const string Account = "devstoreaccount1";
    private const string Key = "Eby8vdM02xNOcqFlqUwJPLlmEtlCDXJ1OUzFT50uSRZ6IFsuFq2UVErCz4I6tq/K1SZFPTOtr/KBHBeksoGMGw==";

    public string ConnectionString =>
        $"DefaultEndpointsProtocol=http;AccountName={Account};AccountKey={Key};"
        + $"BlobEndpoint=http://127.0.0.1:{Blob}/{Account};QueueEndpoint=http://127.0.0.1:{Queue}/{Account};"
        + $"TableEndpoint=http://127.0.0.1:{Table}/{Account};";

    /// <summary>The ports that <c>UseDevelopmentStorage=true</c> means, as far as they are free.</summary>
    public static AzuritePorts Usual() => new(Ports.FreeOr(10000), Ports.FreeOr(10001), Ports.FreeOr(10002));

    public static AzuritePorts Free() => new(Ports.Free(), Ports.Free(), Ports.Free());
}
