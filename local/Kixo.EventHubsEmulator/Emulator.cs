using System.Runtime.CompilerServices;
using Amqp;
using Amqp.Listener;
using Kixo.EventHubsEmulator.Access;
using Kixo.EventHubsEmulator.Hubs;
using Kixo.EventHubsEmulator.Links;
using Kixo.EventHubsEmulator.Wire;

namespace Kixo.EventHubsEmulator;

/// <summary>Event Hubs over AMQP 1.0 on 127.0.0.1, for development and tests. What it has acknowledged is in its files.</summary>
public sealed class Emulator : IAsyncDisposable
{
    /// <summary>The .NET client opens a session per link, and a receiver per partition.</summary>
    private const ushort SessionsPerConnection = 5000;

    private readonly FileStream _folderLock;
    private readonly HubCatalog _hubs;
    private readonly ConnectionListener _listener;
    private readonly EmulatorOptions _options;

    private Emulator(EmulatorOptions options, FileStream folderLock, HubCatalog hubs, ConnectionListener listener, int port)
    {
        _options = options;
        _folderLock = folderLock;
        _hubs = hubs;
        _listener = listener;
        Port = port;
    }

    /// <summary>The port it listens on.</summary>
    public int Port { get; }

    /// <summary>For any Event Hubs client; it names no hub. Clients take <c>UseDevelopmentEmulator</c> to mean that there is no TLS.</summary>
    public string ConnectionString
    {
        get
        {
            var (name, key) = _options.SharedAccessKeys.FirstOrDefault(new KeyValuePair<string, string>("local", "local"));
            return $"Endpoint=sb://127.0.0.1:{Port};SharedAccessKeyName={name};SharedAccessKey={key}{(_options.Certificate is null ? ";UseDevelopmentEmulator=true" : "")}";
        }
    }

    public EmulatorStatus Status
    {
        get
        {
            var logs = _hubs.All.SelectMany(hub => hub.Partitions).Select(partition => partition.Log).ToList();
            return new(
                Connections(_listener).Count,
                logs.Sum(log => log.End.SequenceNumber + 1),
                logs.Sum(log => log.EventsRead),
                logs.Sum(log => log.End.SequenceNumber + 1 - log.BeginSequenceNumber),
                logs.Sum(log => log.End.Position - log.Begin));
        }
    }

    /// <summary>Reads the data folder, then listens.</summary>
    /// <exception cref="IOException">The port is taken, the folder cannot be used, or what it holds is damaged; the message says what to do.</exception>
    /// <exception cref="ArgumentException">An option has a value that is not allowed; the message names it.</exception>
    public static async Task<Emulator> StartAsync(EmulatorOptions options, TimeProvider clock, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(options);
        ArgumentNullException.ThrowIfNull(clock);
        EmulatorOptionsValidator.Validate(options);
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
        var sockets = SocketListener.Open(options.Port, options.Certificate, EventMessage.MaxBytes, clock);
        FileStream? folderLock = null;
        try
        {
            folderLock = LockFolder(options.DataFolder);
            var hubs = HubCatalog.Open(options, clock);
            var listener = new ConnectionListener(new Address("127.0.0.1", sockets.Port, scheme: "amqp"), new LinkRouter(hubs, new Gate(options.SharedAccessKeys, clock), sockets, clock));
            listener.AMQP.MaxSessionsPerConnection = SessionsPerConnection;
            listener.AMQP.MaxFrameSize = FrameGuard.MaxFrameBytes;
            listener.HandlerFactory = _ => new ConnectionEvents();
            listener.Open();
            return new(options, folderLock, hubs, listener, sockets.Port);
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

            if (exception is InvalidDataException)
            {
                throw new IOException(exception.Message, exception);
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

    [UnsafeAccessor(UnsafeAccessorKind.Field, Name = "connections")]
    private static extern ref HashSet<Connection> Connections(ConnectionListener listener);
}
