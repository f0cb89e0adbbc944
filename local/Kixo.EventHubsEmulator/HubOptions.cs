namespace Kixo.EventHubsEmulator;

/// <summary>An event hub: its name and the number of its partitions, numbered from "0".</summary>
public sealed record HubOptions(string Name, int Partitions);
