using Kixo.EventHubsEmulator.Storage;

namespace Kixo.EventHubsEmulator.Hubs;

internal sealed record Partition(string Id, PartitionLog Log)
{
    public PartitionReaders Readers { get; } = new();
}
