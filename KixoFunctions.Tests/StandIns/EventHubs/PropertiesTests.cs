using Azure.Messaging.EventHubs;
using Azure.Messaging.EventHubs.Producer;

namespace Kixo.Tests.StandIns.EventHubs;

public sealed class PropertiesTests(RunningEmulator emulator) : IClassFixture<RunningEmulator>
{
    [Fact]
    public async Task Hub_IsDescribed_ByProducerAndConsumer()
    {
        await using var producer = emulator.Producer();
        await using var consumer = emulator.Consumer();

        var asProducer = await producer.GetEventHubPropertiesAsync();
        Assert.Equal(RunningEmulator.Hub, asProducer.Name);
        Assert.Equal(["0", "1", "2", "3"], asProducer.PartitionIds);
        Assert.NotEqual(default, asProducer.CreatedOn);
        Assert.Equal(["0", "1", "2", "3"], await producer.GetPartitionIdsAsync());
        Assert.Equal(["0", "1", "2", "3"], await consumer.GetPartitionIdsAsync());
    }

    [Fact]
    public async Task Partition_TellsItsLastEvent()
    {
        await using var producer = emulator.Producer();
        Assert.True((await producer.GetPartitionPropertiesAsync("3")).IsEmpty);

        await producer.SendAsync([new EventData("a"), new EventData("b")], new SendEventOptions { PartitionId = "3" });

        var properties = await producer.GetPartitionPropertiesAsync("3");
        Assert.Equal(RunningEmulator.Hub, properties.EventHubName);
        Assert.Equal("3", properties.Id);
        Assert.False(properties.IsEmpty);
        Assert.Equal(properties.BeginningSequenceNumber + 1, properties.LastEnqueuedSequenceNumber);
        Assert.NotEqual(default, properties.LastEnqueuedTime);
        await using var receiver = emulator.Receiver("3", Azure.Messaging.EventHubs.Consumer.EventPosition.Earliest);
        Assert.Equal(properties.LastEnqueuedOffsetString, (await receiver.TakeAsync(2))[1].OffsetString);
    }

    [Fact]
    public async Task UnknownHub_IsNotFound()
    {
        await using var producer = new EventHubProducerClient(emulator.ConnectionString, "nowhere");

        var asked = await Assert.ThrowsAsync<EventHubsException>(() => producer.GetEventHubPropertiesAsync());
        Assert.Equal(EventHubsException.FailureReason.ResourceNotFound, asked.Reason);
        Assert.False(asked.IsTransient);
        var sent = await Assert.ThrowsAsync<EventHubsException>(() => producer.SendAsync([new EventData("a")]));
        Assert.Equal(EventHubsException.FailureReason.ResourceNotFound, sent.Reason);
        Assert.Equal("nowhere", sent.EventHubName);
    }
}
