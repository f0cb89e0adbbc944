using Kixo.Cli;
using Kixo.EventHubsEmulator;

namespace Kixo.Local;

/// <summary>All parts of a local run: storage, hub and app, started in this order and stopped in the other.</summary>
internal sealed class LocalStack : IAsyncDisposable
{
    private const int UsualHubPort = 5672;
    private const int Partitions = 4;

    private readonly string _folder;
    private readonly Azurite _azurite;
    private readonly Emulator _hub;

    private LocalStack(string folder, Azurite azurite, Emulator hub, AppProcess? app)
    {
        (_folder, _azurite, _hub, App) = (folder, azurite, hub, app);
    }

    public string StorageAddresses => $"http://127.0.0.1:{_azurite.Ports.Blob} (blobs), :{_azurite.Ports.Queue} (queues), :{_azurite.Ports.Table} (tables)";

    public string EventHubAddress => $"amqp://127.0.0.1:{_hub.Port}";

    /// <summary>Null when only its surroundings were asked for.</summary>
    public AppProcess? App { get; }

    /// <summary>Ends when a part has ended that nobody told to, and says which.</summary>
    public async Task<ChildProcess> PartDiedAsync()
    {
        var parts = App is null ? [_azurite.Process] : new[] { _azurite.Process, App.Process };
        var ended = await Task.WhenAny(parts.Select(part => part.Exited));
        return Array.Find(parts, part => part.Exited == ended)!;
    }

    /// <param name="options">What to start, and where.</param>
    /// <param name="report">Told what goes on.</param>
    /// <exception cref="LocalException">Something is missing, taken or broken; what was started is stopped again.</exception>
    public static async Task<LocalStack> StartAsync(LocalOptions options, Action<string> report, TimeProvider time, CancellationToken cancellationToken)
    {
        if (options.WithApp && !Ports.IsFree(options.Port))
        {
            throw new LocalException($"Port {options.Port} is taken, perhaps by another local run. End what uses it, or choose another with --port.");
        }

        var folder = Path.GetFullPath(options.DataFolder);
        var logs = Path.Combine(folder, "logs");
        Directory.CreateDirectory(logs);
        await Azurite.InstallAsync(report, cancellationToken);

        report("Starting Azurite, the Event Hubs emulator and the app …");
        var started = new Stack<IAsyncDisposable>();
        try
        {
            // The hub first: it locks the folder, so that no second run touches the first one's data.
            var hub = await Emulator.StartAsync(
                new EmulatorOptions
                {
                    Port = Ports.FreeOr(UsualHubPort),
                    DataFolder = Path.Combine(folder, "eventhubs"),
                    Hubs = [new HubOptions(EventChunk.Hub, Partitions)],
                },
                time,
                cancellationToken);
            started.Push(hub);

            var azurite = await Azurite.StartAsync(
                Path.Combine(folder, "azurite"), Path.Combine(logs, "azurite.log"), AzuritePorts.Usual(), cancellationToken);
            started.Push(azurite);

            await Provisioning.EnsureAsync(azurite.ConnectionString, time, cancellationToken);

            AppProcess? app = null;
            if (options.WithApp)
            {
                app = await AppProcess.StartAsync(
                    options.Port, azurite.ConnectionString, hub.ConnectionString, Path.Combine(logs, "app.log"), settings: null, cancellationToken);
                started.Push(app);
            }

            new LocalRun($"http://127.0.0.1:{options.Port}", azurite.ConnectionString, hub.ConnectionString).Save(folder);
            return new LocalStack(folder, azurite, hub, app);
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

    /// <summary>Stops the app, then what it writes to.</summary>
    public async ValueTask DisposeAsync()
    {
        LocalRun.Remove(_folder);
        if (App is not null)
        {
            await App.DisposeAsync();
        }

        await _hub.DisposeAsync();
        await _azurite.DisposeAsync();
    }
}
