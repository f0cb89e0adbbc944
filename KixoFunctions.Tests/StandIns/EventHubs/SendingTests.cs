using System.Runtime.Serialization;
using System.Text;
using Azure.Core.Amqp;
using Azure.Messaging.EventHubs;
using Azure.Messaging.EventHubs.Producer;

namespace Kixo.Tests.StandIns.EventHubs;

public sealed class SendingTests(RunningEmulator emulator) : IClassFixture<RunningEmulator>
{
    private static readonly SendEventOptions Partition1 = new() { PartitionId = "1" };

    [Fact]
    public async Task OneEvent_ArrivesWithAllItsParts()
    {
        await using var producer = emulator.Producer();
        await using var receiver = emulator.Receiver("1", await emulator.EndAsync("1"));
        var sent = new EventData(Encoding.UTF8.GetBytes("body")) { ContentType = "application/x-ndjson", MessageId = "m-1", CorrelationId = "c-1" };
        var now = DateTimeOffset.FromUnixTimeMilliseconds(1_700_000_000_123);
        sent.Properties["text"] = "é";
        sent.Properties["number"] = 42;
        sent.Properties["long"] = long.MaxValue;
        sent.Properties["flag"] = true;
        sent.Properties["time"] = now;
        sent.Properties["span"] = TimeSpan.FromMinutes(1.5);
        sent.Properties["uri"] = new Uri("https://kixo.example/a?b=c");
        sent.Properties["bytes"] = new byte[] { 1, 2, 3 };
        sent.GetRawAmqpMessage().Properties.Subject = "subject";

        await producer.SendAsync([sent], Partition1);

        var received = Assert.Single(await receiver.TakeAsync(1));
        Assert.Equal("body", received.EventBody.ToString());
        Assert.Equal("application/x-ndjson", received.ContentType);
        Assert.Equal("m-1", received.MessageId);
        Assert.Equal("c-1", received.CorrelationId);
        Assert.Equal("subject", received.GetRawAmqpMessage().Properties.Subject);
        Assert.Equal(sent.Properties.OrderBy(pair => pair.Key), received.Properties.OrderBy(pair => pair.Key));
        Assert.NotEqual(long.MinValue, received.SequenceNumber);
        Assert.NotNull(received.OffsetString);
        Assert.Null(received.PartitionKey);
        Assert.True(received.EnqueuedTime > now);
        Assert.Equal(received.SequenceNumber, received.SystemProperties["x-opt-sequence-number"]);
        Assert.Equal("application/x-ndjson", received.SystemProperties["content-type"]);
        Assert.Equal(AmqpMessageBodyType.Data, received.GetRawAmqpMessage().Body.BodyType);
    }

    [Fact]
    public async Task SeveralEvents_ArriveInOrder()
    {
        await using var producer = emulator.Producer();
        await using var receiver = emulator.Receiver("1", await emulator.EndAsync("1"));
        var events = Enumerable.Range(0, 25).Select(i => new EventData($"event {i}") { MessageId = $"{i}" });

        await producer.SendAsync(events, Partition1);

        var received = await receiver.TakeAsync(25);
        Assert.Equal(Enumerable.Range(0, 25).Select(i => $"event {i}"), received.Select(each => each.EventBody.ToString()));
        Assert.Equal(Enumerable.Range(0, 25).Select(i => $"{i}"), received.Select(each => each.MessageId));
    }

    [Theory]
    [InlineData(1)]
    [InlineData(3)]
    public async Task EventsWithAKey_ShareAPartition_AndKeepTheKey(int count)
    {
        await using var producer = emulator.Producer();
        var before = await emulator.LastNumbersAsync();

        for (var i = 0; i < 2; i++)
        {
            await producer.SendAsync(Enumerable.Range(0, count).Select(_ => new EventData("x")), new SendEventOptions { PartitionKey = "some key" });
        }

        var found = await emulator.SinceAsync(before);
        Assert.Equal(2 * count, found.Count);
        Assert.Single(found.Select(each => each.Partition).Distinct());
        Assert.All(found, each => Assert.Equal("some key", each.Event.PartitionKey));
    }

    [Fact]
    public async Task KeyAndPartitionTogether_AreRefused()
    {
        await using var producer = emulator.Producer();
        var both = new SendEventOptions { PartitionId = "1", PartitionKey = "k" };
        await Assert.ThrowsAsync<InvalidOperationException>(() => producer.SendAsync([new EventData("x")], both));
    }

    [Fact]
    public async Task PropertyWithoutAnAmqpType_IsRefused()
    {
        await using var producer = emulator.Producer();
        var unsendable = new EventData("x");
        unsendable.Properties["a"] = new object();

        await Assert.ThrowsAsync<SerializationException>(() => producer.SendAsync([unsendable]));
    }

    [Fact]
    public async Task NoEvents_IsNothingToDo()
    {
        await using var producer = emulator.Producer();
        await producer.SendAsync([]);
    }

    [Theory]
    [InlineData(900_000)]
    [InlineData(1_040_000)]
    public async Task MessageUnderTheLimit_Passes(int size)
    {
        await using var producer = emulator.Producer();
        await using var receiver = emulator.Receiver("1", await emulator.EndAsync("1"));
        var body = new byte[size];
        Random.Shared.NextBytes(body);

        await producer.SendAsync([new EventData(body)], Partition1);

        Assert.Equal(body, Assert.Single(await receiver.TakeAsync(1)).EventBody.ToArray());
    }

    [Theory]
    [InlineData(1, 1_100_000)]
    [InlineData(2, 550_000)]
    public async Task MessageOverTheLimit_IsRefused_AndSpoilsNothing(int count, int size)
    {
        await using var producer = emulator.Producer();
        await producer.SendAsync([new EventData("before")], Partition1);

        var refused = await Assert.ThrowsAsync<EventHubsException>(
            () => producer.SendAsync(Enumerable.Range(0, count).Select(_ => new EventData(new byte[size])), Partition1));

        Assert.Equal(EventHubsException.FailureReason.MessageSizeExceeded, refused.Reason);
        Assert.False(refused.IsTransient);
        await producer.SendAsync([new EventData("after")], Partition1);
    }

    [Fact]
    public async Task Batch_TakesEventsUpToItsLimit_AndIsSent()
    {
        await using var producer = emulator.Producer();
        await using var receiver = emulator.Receiver("1", await emulator.EndAsync("1"));
        using var batch = await producer.CreateBatchAsync(new CreateBatchOptions { PartitionId = "1" });
        var body = new byte[25_000];

        while (batch.TryAdd(new EventData(body)))
        {
        }

        Assert.InRange(batch.Count, 38, 42);
        Assert.InRange(batch.SizeInBytes, batch.MaximumSizeInBytes - 26_000, batch.MaximumSizeInBytes);
        await producer.SendAsync(batch);
        Assert.Equal(batch.Count, (await receiver.TakeAsync(batch.Count)).Count);
    }

    [Fact]
    public async Task Batch_OfOneEvent_IsAPlainEvent()
    {
        await using var producer = emulator.Producer();
        await using var receiver = emulator.Receiver("1", await emulator.EndAsync("1"));
        using var batch = await producer.CreateBatchAsync(new CreateBatchOptions { PartitionId = "1", MaximumSizeInBytes = 200 });
        var only = new EventData("alone");
        only.Properties["a"] = "b";

        Assert.True(batch.TryAdd(only));
        Assert.False(batch.TryAdd(new EventData(new byte[200])));
        await producer.SendAsync(batch);

        var received = Assert.Single(await receiver.TakeAsync(1));
        Assert.Equal("alone", received.EventBody.ToString());
        Assert.Equal("b", received.Properties["a"]);
    }

    [Fact]
    public async Task Batch_LargerThanTheServiceTakes_IsRefused()
    {
        await using var producer = emulator.Producer();
        await Assert.ThrowsAsync<ArgumentOutOfRangeException>(
            async () => await producer.CreateBatchAsync(new CreateBatchOptions { MaximumSizeInBytes = 100_000_000 }));
    }

    [Fact]
    public async Task ConcurrentSends_AreAllStoredOnce()
    {
        const int Count = 2_000;
        await using var producer = emulator.Producer();
        var before = await emulator.LastNumbersAsync();

        await Task.WhenAll(Enumerable.Range(0, Count).Select(i => Task.Run(() => producer.SendAsync([new EventData(new byte[2_000]) { MessageId = $"{i}" }]))));

        var found = await emulator.SinceAsync(before);
        Assert.Equal(Enumerable.Range(0, Count), found.Select(each => int.Parse(each.Event.MessageId!)).Order());
    }

    [Fact]
    public async Task CanceledSend_IsCanceled()
    {
        await using var producer = emulator.Producer();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => producer.SendAsync([new EventData("x")], new CancellationToken(canceled: true)));
    }

    [Fact]
    public async Task ClosedProducer_SaysSo()
    {
        var producer = emulator.Producer();
        await producer.SendAsync([new EventData("x")]);
        await producer.CloseAsync();

        Assert.True(producer.IsClosed);
        var refused = await Assert.ThrowsAsync<EventHubsException>(() => producer.SendAsync([new EventData("x")]));
        Assert.Equal(EventHubsException.FailureReason.ClientClosed, refused.Reason);
        Assert.False(refused.IsTransient);
        await producer.DisposeAsync();
    }
}
