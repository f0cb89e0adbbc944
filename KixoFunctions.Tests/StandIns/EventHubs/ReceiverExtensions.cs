using Azure.Messaging.EventHubs;
using Azure.Messaging.EventHubs.Primitives;

namespace Kixo.Tests.StandIns.EventHubs;

internal static class ReceiverExtensions
{
    /// <summary>Receives until so many events have come; fails when the next one does not come in time.</summary>
    public static async Task<List<EventData>> TakeAsync(this PartitionReceiver receiver, int count)
    {
        var all = new List<EventData>();
        while (all.Count < count)
        {
            var events = (await receiver.ReceiveBatchAsync(count - all.Count, TimeSpan.FromSeconds(10))).ToList();
            Assert.True(events.Count > 0, $"Only {all.Count} of {count} events came.");
            all.AddRange(events);
        }

        return all;
    }

    /// <summary>Receives until nothing has come for a second.</summary>
    public static async Task<List<EventData>> TakeAllAsync(this PartitionReceiver receiver, int batchSize = 500)
    {
        var all = new List<EventData>();
        while ((await receiver.ReceiveBatchAsync(batchSize, TimeSpan.FromSeconds(1))).ToList() is { Count: > 0 } events)
        {
            Assert.InRange(events.Count, 1, batchSize);
            all.AddRange(events);
        }

        return all;
    }
}
