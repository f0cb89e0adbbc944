using System.Net;
using System.Net.Sockets;
using Azure.Data.Tables;
using Kixo.Cli.Keys;
using Kixo.Cli.Projects;
using Kixo.EventHubsEmulator;
using Kixo.Keys;
using Kixo.Local;
using Kixo.Tests.Support;

namespace Kixo.Tests.Chaos;

/// <summary>
/// Storage, hub and instances of the app, each a process of its own. Every instance reaches storage and hub, and is reached by
/// clients, through proxies that belong to it alone: what goes wrong with one need not go wrong with the other.
/// </summary>
internal sealed class ChaosStack : IAsyncDisposable
{
    private static readonly TimeSpan StartTimeout = TimeSpan.FromSeconds(60);

    /// <summary>Limits out of the way, and sizes at which batches are cut, invocations follow one another and blobs roll over often.</summary>
    private static readonly Dictionary<string, string> Settings = new()
    {
        ["Kixo__RateLimiting__RequestsPerSecond"] = "10000",
        ["Kixo__RateLimiting__OutageAfter"] = "00:00:01",
        ["Kixo__Persistence__MaxBlocksPerBlob"] = "8",
        ["Kixo__Publishing__MaxMessageBytes"] = "65536",
        ["AzureFunctionsJobHost__extensions__eventHubs__maxEventBatchSize"] = "16",
    };

    private readonly TestFolder _folder = new();
    private readonly Random _random = new(ChaosOptions.Seed);
    private readonly List<AppLink> _links = [];
    private AzuritePorts _storagePorts;
    private int _hubPort;
    private int _logs;

    private ChaosStack()
    {
        Storage = new("storage", StartStorageAsync);
        Hub = new("hub", StartHubAsync);
    }

    public Part Storage { get; }

    public Part Hub { get; }

    public IReadOnlyList<AppLink> Apps => _links;

    public IEnumerable<Part> Parts => [Storage, Hub, .. _links.Select(link => link.App)];

    /// <summary>Connection strings around the proxies.</summary>
    public string StorageDirectly => _storagePorts.ConnectionString;

    public string HubDirectly => HubOn(_hubPort);

    public static async Task<ChaosStack> StartAsync(int instances)
    {
        await Azurite.InstallAsync(_ => { }, CancellationToken.None);
        var stack = new ChaosStack();
        try
        {
            stack._links.AddRange(Enumerable.Range(0, instances).Select(_ => new AppLink(stack._random, stack.StartAppAsync)));
            await Task.WhenAll(stack.Storage.StartAsync(), stack.Hub.StartAsync());
            await Provisioning.EnsureAsync(stack.StorageDirectly, TimeProvider.System, CancellationToken.None);
            await Task.WhenAll(stack._links.Select(link => link.App.StartAsync()));
            return stack;
        }
        catch
        {
            await stack.DisposeAsync();
            throw;
        }
    }

    /// <returns>The key of a new project.</returns>
    public async Task<string> CreateProjectAsync(string project)
    {
        var tables = new TableServiceClient(StorageDirectly);
        await new ProjectAdmin(tables, TimeProvider.System).CreateAsync(project, name: null, CancellationToken.None);
        return await new KeyAdmin(tables, TimeProvider.System).CreateAsync(project, new ApiKeyEntity(), apiKey: null, CancellationToken.None);
    }

    public IEnumerable<string> Logs => Directory.EnumerateFiles(_folder.Path, "*.log");

    /// <summary>How often an instance lost the race for a blob to another owner of its partition, or to a commit of its own whose answer was lost.</summary>
    public int LostRaces() => Logs
        .Sum(log => File.ReadLines(log).Count(line => line.Contains("was changed by another owner", StringComparison.Ordinal)));

    public async ValueTask DisposeAsync()
    {
        await Task.WhenAll(Parts.Select(part => part.DisposeAsync().AsTask()));
        await Task.WhenAll(_links.SelectMany(link => link.Proxies).Select(proxy => proxy.DisposeAsync().AsTask()));
        _folder.Dispose();
    }

    private static string HubOn(int port) =>
        $"Endpoint=sb://127.0.0.1:{port};SharedAccessKeyName=local;SharedAccessKey=local;UseDevelopmentEmulator=true";

    private async Task<(ChildProcess, IAsyncDisposable)> StartStorageAsync()
    {
        var ports = AzuritePorts.Free();
        var azurite = await Azurite.StartAsync(_folder.Sub("azurite"), NewLog("azurite"), ports, CancellationToken.None, savesBeforeAnswer: true);
        _storagePorts = ports;
        foreach (var link in _links)
        {
            (link.Blobs.Target, link.Tables.Target) = (ports.Blob, ports.Table);
        }

        return (azurite.Process, azurite);
    }

    private async Task<(ChildProcess, IAsyncDisposable)> StartHubAsync()
    {
        var port = Ports.Free();
        string[] arguments = [typeof(Emulator).Assembly.Location, "--port", $"{port}", "--data", _folder.Sub("eventhubs"), "--hub", $"{EventChunk.Hub}:4"];
        var process = ChildProcess.Start("The emulator", Dotnet.Path, NewLog("hub"), arguments);
        try
        {
            await Wait.UntilAsync(process.Name, process, StartTimeout, async token =>
            {
                using var socket = new Socket(SocketType.Stream, ProtocolType.Tcp);
                await socket.ConnectAsync(IPAddress.Loopback, port, token);
                return true;
            }, CancellationToken.None);
        }
        catch
        {
            await process.KillAsync();
            await process.DisposeAsync();
            throw;
        }

        _hubPort = port;
        _links.ForEach(link => link.Hub.Target = port);
        return (process, process);
    }

    private async Task<(ChildProcess, IAsyncDisposable)> StartAppAsync(AppLink link)
    {
        var port = Ports.Free();
        var storage = new AzuritePorts(link.Blobs.Port, Queue: 1, link.Tables.Port).ConnectionString;
        link.Front.Target = port;
        var app = await AppProcess.StartAsync(port, storage, HubOn(link.Hub.Port), NewLog("app"), Settings, CancellationToken.None);
        return (app.Process, app);
    }

    private string NewLog(string part) => _folder.Sub($"{part}-{Interlocked.Increment(ref _logs)}.log");
}
