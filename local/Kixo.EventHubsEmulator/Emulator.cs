using System.Net;
using System.Text.RegularExpressions;
using Amqp;
using Amqp.Listener;
using Kixo.EventHubsEmulator.Hubs;
using Kixo.EventHubsEmulator.Links;
using Kixo.EventHubsEmulator.Wire;

namespace Kixo.EventHubsEmulator;

/// <summary>Event Hubs over AMQP 1.0 on 127.0.0.1, for development and tests. What it has acknowledged is in its files.</summary>
public sealed partial class Emulator : IAsyncDisposable
{
    /// <summary>The .NET client opens a session per link, and a receiver per partition.</summary>
    private const ushort SessionsPerConnection = 5000;

    private readonly FileStream _folderLock;
    private readonly HubCatalog _hubs;
    private readonly ConnectionListener _listener;

    private Emulator(FileStream folderLock, HubCatalog hubs, ConnectionListener listener, int port)
    {
        _folderLock = folderLock;
        _hubs = hubs;
        _listener = listener;
        Port = port;
    }

    /// <summary>The port it listens on.</summary>
    public int Port { get; }

    /// <summary>For any Event Hubs client; it names no hub.</summary>
    public string ConnectionString =>
        $"Endpoint=sb://127.0.0.1:{Port};SharedAccessKeyName=local;SharedAccessKey=local;UseDevelopmentEmulator=true";

    /// <summary>Reads the data folder, then listens.</summary>
    /// <exception cref="IOException">The port is taken, or the folder cannot be used; the message says what to do.</exception>
    /// <exception cref="ArgumentException">A hub's name or number of partitions is not one that Event Hubs allows.</exception>
    public static async Task<Emulator> StartAsync(EmulatorOptions options, TimeProvider clock, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(options);
        ArgumentNullException.ThrowIfNull(clock);
        Validate(options);
        return await Task.Run(() => Start(options, clock), cancellationToken);
    }

    /// <summary>Closes the connections, writes what was received, closes the files.</summary>
    public async ValueTask DisposeAsync()
    {
        _listener.Close();
        await _hubs.DisposeAsync();
        await _folderLock.DisposeAsync();
    }

    private static Emulator Start(EmulatorOptions options, TimeProvider clock)
    {
        var sockets = SocketListener.Open(options.Port, clock);
        FileStream? folderLock = null;
        try
        {
            folderLock = LockFolder(options.DataFolder);
            var hubs = HubCatalog.Open(options, clock);
            var listener = new ConnectionListener(new Address("127.0.0.1", sockets.Port, scheme: "amqp"), new LinkRouter(hubs, sockets, clock));
            listener.AMQP.MaxSessionsPerConnection = SessionsPerConnection;
            listener.HandlerFactory = _ => new ReusedChannels();
            AnySaslProfile.Enable(listener.SASL);
            listener.Open();
            return new(folderLock, hubs, listener, sockets.Port);
        }
        catch (Exception exception)
        {
            sockets.Dispose();
            folderLock?.Dispose();
            if (exception is IOException or UnauthorizedAccessException)
            {
                throw new IOException(
                    $"The data folder {Path.GetFullPath(options.DataFolder)} cannot be used ({exception.Message.TrimEnd('.')}): stop the emulator that uses it or choose another folder.",
                    exception);
            }

            throw;
        }
    }

    /// <summary>Two emulators on one folder would write over each other. The operating system lets go of the lock when the process ends.</summary>
    private static FileStream LockFolder(string folder)
    {
        Directory.CreateDirectory(folder);
        return new(Path.Combine(folder, ".lock"), FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None);
    }

    private static void Validate(EmulatorOptions options)
    {
        if (options.Port is < IPEndPoint.MinPort or > IPEndPoint.MaxPort)
        {
            throw new ArgumentException($"{options.Port} is not a TCP port: choose one up to {IPEndPoint.MaxPort}, or 0 for any free one.");
        }

        foreach (var hub in options.Hubs)
        {
            if (!HubName().IsMatch(hub.Name) || hub.Partitions is < 1 or > 1024)
            {
                throw new ArgumentException($"The hub '{hub.Name}' with {hub.Partitions} partitions is not allowed: a name has letters, digits and . - _ within, and there are 1 to 1024 partitions.");
            }
        }

        if (options.Hubs.GroupBy(hub => hub.Name, StringComparer.OrdinalIgnoreCase).FirstOrDefault(same => same.Skip(1).Any()) is { } twice)
        {
            throw new ArgumentException($"The hub '{twice.Key}' is named twice.");
        }
    }

    [GeneratedRegex("^[A-Za-z0-9]([A-Za-z0-9._-]{0,254}[A-Za-z0-9])?$")]
    private static partial Regex HubName();
}
