using Kixo.EventHubsEmulator.Storage;

namespace Kixo.Tests.EventHubsEmulator;

internal static class LogReading
{
    /// <summary>All events that a partition holds now, as a reader from the beginning gets them.</summary>
    public static async Task<List<StoredEvent>> AllAsync(PartitionLog log)
    {
        var stored = new List<StoredEvent>();
        for (var offset = log.Begin; offset < log.End.Position; offset = stored[^1].Next)
        {
            stored.Add(await log.ReadAsync(offset, CancellationToken.None));
        }

        return stored;
    }
}
