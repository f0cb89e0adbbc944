namespace Kixo.EventHubsEmulator;

/// <summary>What the emulator does and holds just now.</summary>
/// <param name="Connections">Open ones.</param>
/// <param name="EventsIn">Acknowledged ever, before this run too.</param>
/// <param name="EventsOut">Sent to readers since the start, once for each.</param>
/// <param name="Stored">Events that are kept.</param>
/// <param name="StoredBytes">Size of their files.</param>
public readonly record struct EmulatorStatus(int Connections, long EventsIn, long EventsOut, long Stored, long StoredBytes);
