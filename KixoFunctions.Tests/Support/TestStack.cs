using System.Net;
using System.Net.Http.Headers;
using System.Text;
using System.Text.Json.Nodes;
using Azure.Data.Tables;
using Azure.Storage.Blobs;
using Kixo.Cli.Events;
using Kixo.EventHubsEmulator;
using Kixo.Local;
using Kixo.Persistence;

namespace Kixo.Tests.Support;

/// <summary>
/// Real Azurite, the real emulator and the real app, on free ports and in a temporary folder; each part can be killed and
/// started again with the data it had.
/// </summary>
public sealed class TestStack : IAsyncLifetime
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    private readonly TestFolder _folder = new();
    private readonly AzuritePorts _storagePorts = AzuritePorts.Free();
    private readonly int _hubPort = Ports.Free();
    private readonly int _appPort = Ports.Free();

    private Azurite? _azurite;
    private Emulator? _hub;
    private AppProcess? _app;
    private int _starts;

    /// <summary>
    /// Settings of the app beyond the connections. Keys are looked up anew each second, so that no test waits for the cache;
    /// storage may be slow, so that a busy machine is no outage.
    /// </summary>
    internal Dictionary<string, string> Settings { get; } = new()
    {
        ["Kixo__Keys__HitLifetime"] = "00:00:01",
        ["Kixo__Keys__MissLifetime"] = "00:00:01",
        ["Kixo__Keys__Timeout"] = "00:00:20",
        ["Kixo__RateLimiting__Timeout"] = "00:00:10",
    };

    internal HttpClient Client { get; private set; } = null!;

    internal AppProcess App => _app!;

    /// <summary>What the app has said since it was started last.</summary>
    internal string AppLog
    {
        get
        {
            using var log = new StreamReader(new FileStream(LastAppLog, FileMode.Open, FileAccess.Read, FileShare.ReadWrite));
            return log.ReadToEnd();
        }
    }

    internal string Storage => _azurite!.ConnectionString;

    internal string EventHub => _hub!.ConnectionString;

    internal TableServiceClient Tables => new(Storage);

    internal BlobServiceClient Blobs => new(Storage);

    /// <summary>Bytes of memory that the app's process holds.</summary>
    internal long AppMemory
    {
        get
        {
            using var process = System.Diagnostics.Process.GetProcessById(_app!.Process.Id);
            return process.WorkingSet64;
        }
    }

    public async Task InitializeAsync()
    {
        await Azurite.InstallAsync(_ => { }, CancellationToken.None);
        await StartStorageAsync();
        await Provisioning.EnsureAsync(Storage, TimeProvider.System, CancellationToken.None);
        await StartHubAsync();
        await StartAppAsync();
        Client = new HttpClient { BaseAddress = new Uri($"http://127.0.0.1:{_appPort}") };
    }

    public async Task DisposeAsync()
    {
        Client?.Dispose();
        if (_app is not null)
        {
            await _app.DisposeAsync();
        }

        if (_hub is not null)
        {
            await _hub.DisposeAsync();
        }

        if (_azurite is not null)
        {
            await _azurite.DisposeAsync();
        }

        _folder.Dispose();
    }

    internal async Task StartStorageAsync() =>
        _azurite = await Azurite.StartAsync(_folder.Sub("azurite"), _folder.Sub("azurite.log"), _storagePorts, CancellationToken.None);

    internal async Task StopStorageAsync() => await _azurite!.DisposeAsync();

    internal async Task StartHubAsync() => _hub = await Emulator.StartAsync(
        new EmulatorOptions { Port = _hubPort, DataFolder = _folder.Sub("eventhubs"), Hubs = [new HubOptions(EventChunk.Hub, 4)] },
        TimeProvider.System,
        CancellationToken.None);

    internal async Task StopHubAsync() => await _hub!.DisposeAsync();

    internal async Task StartAppAsync()
    {
        _starts++;
        _app = await AppProcess.StartAsync(_appPort, Storage, EventHub, LastAppLog, Settings, CancellationToken.None);
    }

    internal async Task StopAppAsync() => await _app!.DisposeAsync();

    internal Task KillAppAsync() => _app!.Process.KillAsync();

    /// <summary>Asks the app to stop, as a service manager does, and does not wait.</summary>
    internal void TerminateApp() => TestProgram.Terminate(_app!.Process.Id);

    /// <summary>Waits until the app has ended.</summary>
    internal async Task<int> AppExitCodeAsync()
    {
        await _app!.Process.Exited.WaitAsync(Patience, TimeProvider.System);
        return _app.Process.ExitCode;
    }

    /// <summary>Deletes the hub and makes it again, with the checkpoints of the old one gone: what is not in the lake is lost.</summary>
    internal async Task RemakeHubAsync()
    {
        await StopHubAsync();
        Directory.Delete(_folder.Sub("eventhubs"), recursive: true);
        await Blobs.GetBlobContainerClient("azure-webjobs-eventhub").DeleteIfExistsAsync(cancellationToken: CancellationToken.None);
        await Provisioning.EnsureAsync(Storage, TimeProvider.System, CancellationToken.None);
        await StartHubAsync();
    }

    private string LastAppLog => _folder.Sub($"app-{_starts}.log");

    internal Task<HttpResponseMessage> PostAsync(string body) => PostAsync(Encoding.UTF8.GetBytes(body));

    internal Task<HttpResponseMessage> PostAsync(byte[] body)
    {
        var content = new ByteArrayContent(body);
        content.Headers.ContentType = new MediaTypeHeaderValue("application/json");
        return Client.PostAsync(new Uri("/v1/batch", UriKind.Relative), content);
    }

    /// <summary>Posts until it is answered so; what goes before, a limit or a failure that is not meant, may be answered otherwise.</summary>
    internal Task PostUntilAsync(HttpStatusCode expected, byte[] body)
    {
        var last = default(HttpStatusCode);
        return EventuallyAsync(async () =>
        {
            using var answer = await PostAsync(body);
            last = answer.StatusCode;
            return last == expected;
        }, () => $"a batch to be answered {expected}; the last was answered {last}");
    }

    /// <summary>The stored lines of a project, once there are <paramref name="count"/> of them at least.</summary>
    internal async Task<IReadOnlyList<string>> StoredAsync(string projectId, int count)
    {
        var lines = new List<string>();
        var reader = new LakeReader(
            Blobs.GetBlobContainerClient(LakePath.Container), projectId, environment: null, TimeProvider.System.GetUtcNow().UtcDateTime.AddHours(-2));
        await EventuallyAsync(async () =>
        {
            await foreach (var line in reader.ReadNewAsync(CancellationToken.None))
            {
                lines.Add(line.Json);
            }

            return lines.Count >= count;
        }, () => $"{count} stored events of {projectId}; there are {lines.Count}");
        return lines;
    }

    /// <summary>The ids of a project's stored events, once these are among them. Others can be: an event may be stored though its batch was answered 503.</summary>
    internal async Task<IReadOnlyList<string>> StoredIdsAsync(string projectId, IReadOnlySet<string> expected)
    {
        IReadOnlyList<string> ids = [];
        await EventuallyAsync(async () =>
        {
            ids = [.. (await StoredAsync(projectId, expected.Count)).Select(line => (string)JsonNode.Parse(line)!["event_id"]!)];
            return expected.IsSubsetOf(ids);
        }, () => $"{string.Join(", ", expected.Except(ids))} to be stored");
        return ids;
    }

    internal static async Task EventuallyAsync(Func<Task<bool>> isSo, Func<string> what, TimeSpan? patience = null)
    {
        var limit = patience ?? Patience;
        var start = TimeProvider.System.GetTimestamp();
        while (!await isSo())
        {
            if (TimeProvider.System.GetElapsedTime(start) > limit)
            {
                throw new TimeoutException($"Waited {limit.TotalSeconds} s for {what()}.");
            }

            await Task.Delay(TimeSpan.FromMilliseconds(200), TimeProvider.System, CancellationToken.None);
        }
    }
}
