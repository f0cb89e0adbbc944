namespace Kixo.EventHubsEmulator;

/// <summary>What the emulator serves, and where.</summary>
public sealed class EmulatorOptions
{
    /// <summary>TCP port on 127.0.0.1; 0 takes any free one.</summary>
    public int Port { get; init; } = 5672;

    /// <summary>Folder of the stored events, created when missing. One running emulator a folder.</summary>
    public required string DataFolder { get; init; }

    /// <summary>The hubs that exist; any other is refused with <c>amqp:not-found</c>.</summary>
    public IReadOnlyList<HubOptions> Hubs { get; init; } = [new("events", 4)];
}
