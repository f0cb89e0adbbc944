using Azure.Messaging.EventHubs;
using Azure.Messaging.EventHubs.Primitives;

namespace Kixo.Tests.StandIns.EventHubs;

internal static class ReceiverExtensions
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

    /// <summary>Receives until so many events have come; fails when the next one does not come in time.</summary>
    public static async Task<List<EventData>> TakeAsync(this PartitionReceiver receiver, int count, int batchSize = 500)
    {
        var all = new List<EventData>();
        while (all.Count < count)
        {
            var events = (await receiver.ReceiveBatchAsync(Math.Min(batchSize, count - all.Count), Patience)).ToList();
            Assert.True(events.Count > 0, $"Only {all.Count} of {count} events came.");
            Assert.InRange(events.Count, 1, batchSize);
            all.AddRange(events);
        }

        return all;
    }
}
