using Azure.Messaging.EventHubs;
using Azure.Messaging.EventHubs.Producer;
using Kixo.Tests.StandIns.EventHubs;
using Kixo.Tests.Support;
using Microsoft.Azure.Functions.Worker.EventHubs;

namespace Kixo.Tests.StandIns.Functions;

/// <summary>Checkpoints in real Azurite, of events in the real emulator.</summary>
public sealed class BlobCheckpointStoreTests(AzuriteFixture azurite, RunningEmulator emulator) : IClassFixture<AzuriteFixture>, IClassFixture<RunningEmulator>
{
    [Fact]
    public async Task Reading_goes_on_where_the_one_before_left_off()
    {
        await using var producer = emulator.Producer();
        await producer.SendAsync(Enumerable.Range(0, 5).Select(number => new EventData($"{number}")), new SendEventOptions { PartitionId = "0" });
        Assert.Null(await (await StoreAsync()).ReadAsync("0", CancellationToken.None));

        foreach (var (count, expected) in ((int, string)[])[(2, "01"), (3, "234")])
        {
            var store = await StoreAsync();
            var start = Checkpoint.StartPosition(await store.ReadAsync("0", CancellationToken.None), new());
            await using var receiver = emulator.Receiver("0", start);
            var events = await receiver.TakeAsync(count);
            await store.WriteAsync("0", new(events[^1].OffsetString, events[^1].SequenceNumber), CancellationToken.None);
            Assert.Equal(expected, string.Concat(events.Select(each => each.EventBody.ToString())));
        }
    }

    private async Task<BlobCheckpointStore> StoreAsync()
    {
        var container = azurite.Blobs.GetBlobContainerClient("checkpoints");
        await container.CreateIfNotExistsAsync();
        return new(container, "namespace/hub/group");
    }
}
