using System.Collections.Concurrent;
using System.Net;
using Kixo.Cli;
using Kixo.EventHubsEmulator;
using Kixo.Local.Live;

namespace Kixo.Local;

/// <summary>All parts of a local run: storage, hub, the instances of the app and the live page, started in this order and stopped in the other.</summary>
internal sealed class LocalStack : IAsyncDisposable
{
    private const int UsualHubPort = 5672;
    private const int Partitions = 4;

    private readonly string _folder;
    private readonly Azurite _azurite;
    private readonly Emulator _hub;

    private readonly LivePage _live;

    private LocalStack(string folder, Azurite azurite, Emulator hub, IReadOnlyList<AppProcess> apps, LivePage live)
    {
        (_folder, _azurite, _hub, Apps, _live) = (folder, azurite, hub, apps, live);
    }

    public string StorageAddresses => $"http://127.0.0.1:{_azurite.Ports.Blob} (blobs), :{_azurite.Ports.Queue} (queues), :{_azurite.Ports.Table} (tables)";

    public string EventHubAddress => $"amqp://127.0.0.1:{_hub.Port}";

    public string LiveUrl => _live.Url;

    /// <summary>By port; none when only their surroundings were asked for.</summary>
    public IReadOnlyList<AppProcess> Apps { get; }

    /// <summary>Ends when a part has ended that nobody told to, and says which.</summary>
    public async Task<ChildProcess> PartDiedAsync()
    {
        ChildProcess[] parts = [_azurite.Process, .. Apps.Select(app => app.Process)];
        var ended = await Task.WhenAny(parts.Select(part => part.Exited));
        return Array.Find(parts, part => part.Exited == ended)!;
    }

    /// <param name="options">What to start, and where.</param>
    /// <param name="report">Told what goes on.</param>
    /// <exception cref="LocalException">Something is missing, taken or broken; what was started is stopped again.</exception>
    public static async Task<LocalStack> StartAsync(LocalOptions options, Action<string> report, TimeProvider time, CancellationToken cancellationToken)
    {
        if (options.Port < 1 || options.Port + options.Instances - 1 > IPEndPoint.MaxPort)
        {
            throw new LocalException($"With --port {options.Port}, not all instances have a port between 1 and {IPEndPoint.MaxPort}. Choose another.");
        }

        foreach (var port in options.AppPorts.Where(port => !Ports.IsFree(port)))
        {
            throw new LocalException($"Port {port} is taken, perhaps by another local run. End what uses it, or choose another with --port.");
        }

        var folder = Path.GetFullPath(options.DataFolder);
        var logs = Path.Combine(folder, "logs");
        Directory.CreateDirectory(logs);
        await Azurite.InstallAsync(report, cancellationToken);

        report("Starting Azurite, the Event Hubs emulator and the app …");
        var started = new ConcurrentStack<IAsyncDisposable>(); // the apps are started side by side
        try
        {
            // The hub first: it locks the folder, so that no second run touches the first one's data.
            var hub = await Emulator.StartAsync(
                new EmulatorOptions
                {
                    Port = Ports.FreeOr(UsualHubPort),
                    DataFolder = Path.Combine(folder, "eventhubs"),
                    Hubs = [new HubOptions(EventChunk.Hub, Partitions)],
                    Report = report,
                },
                time,
                cancellationToken);
            started.Push(hub);

            var azurite = await Azurite.StartAsync(
                Path.Combine(folder, "azurite"), Path.Combine(logs, "azurite.log"), AzuritePorts.Usual(), cancellationToken);
            started.Push(azurite);

            await Provisioning.EnsureAsync(azurite.ConnectionString, time, cancellationToken);

            var settings = new Dictionary<string, string> { ["Kixo__RateLimiting__ExpectedInstances"] = $"{options.Instances}" };
            var apps = await Task.WhenAll(options.AppPorts.Select(async (port, i) =>
            {
                var log = Path.Combine(logs, i == 0 ? "app.log" : $"app-{i + 1}.log");
                var app = await AppProcess.StartAsync(port, azurite.ConnectionString, hub.ConnectionString, log, settings, cancellationToken);
                started.Push(app);
                return app;
            }));

            var live = await LivePage.StartAsync(new LiveSources(hub.ConnectionString, apps, time), LivePage.UsualPort, cancellationToken);
            started.Push(live);

            new LocalRun($"http://127.0.0.1:{options.Port}", azurite.ConnectionString, hub.ConnectionString).Save(folder);
            return new LocalStack(folder, azurite, hub, apps, live);
        }
        catch
        {
            while (started.TryPop(out var part))
            {
                await part.DisposeAsync();
            }

            throw;
        }
    }

    /// <summary>Stops the apps, then what it writes to.</summary>
    public async ValueTask DisposeAsync()
    {
        LocalRun.Remove(_folder);
        await _live.DisposeAsync();
        await Task.WhenAll(Apps.Select(app => app.DisposeAsync().AsTask()));
        await _hub.DisposeAsync();
        await _azurite.DisposeAsync();
    }
}
