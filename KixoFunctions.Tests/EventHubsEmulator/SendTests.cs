using Amqp;
using Amqp.Framing;
using Amqp.Types;
using static Kixo.Tests.EventHubsEmulator.AmqpClient;

namespace Kixo.Tests.EventHubsEmulator;

public sealed class SendTests : EmulatorTest
{
    [Fact]
    public async Task Send_ToPartition_ComesOutAsItWas()
    {
        var sent = Event([0, 255, 10, 13], "key");
        sent.Header = new() { Durable = true };
        sent.MessageAnnotations[new Symbol("own")] = "kept";
        sent.Properties = new() { MessageId = "m-1", ContentType = "application/x-ndjson" };
        sent.ApplicationProperties = new() { ["schema"] = "kixo.events/1", ["event_count"] = 3 };
        await Client.SendAsync("/events/Partitions/1", sent);

        var received = Assert.Single(await Client.ReceiveAsync("/" + Reader + "1", 1));

        Assert.Equal([0, 255, 10, 13], (byte[])received.Body);
        Assert.Equal(("m-1", "application/x-ndjson"), (received.Properties.MessageId, received.Properties.ContentType.ToString()));
        Assert.Equal(("kixo.events/1", 3), (received.ApplicationProperties["schema"], received.ApplicationProperties["event_count"]));
        var annotations = received.MessageAnnotations;
        Assert.Equal((0L, "0", "key", "kept"), (annotations[new Symbol("x-opt-sequence-number")], annotations[new Symbol("x-opt-offset")],
            annotations[new Symbol("x-opt-partition-key")], annotations[new Symbol("own")]));
        Assert.IsType<DateTime>(annotations[new Symbol("x-opt-enqueued-time")]);
    }

    [Fact]
    public async Task Send_Batch_IsOneEventForEachDataSection()
    {
        await Client.SendAsync("events/Partitions/0", Batch(Event([1], "key"), Event([2], "key"), Event([3], "key")), Batch(Event([4])));

        var received = await Client.ReceiveAsync(Reader + "0", 4);

        Assert.Equal([1, 2, 3, 4], received.Select(message => ((byte[])message.Body)[0]));
        Assert.Equal([0, 1, 2, 3], received.Select(SequenceNumber));
        Assert.Equal(["key", "key", "key", null], received.Select(message => message.MessageAnnotations[new Symbol("x-opt-partition-key")]));
    }

    [Fact]
    public async Task Send_WithKey_GoesToOnePartitionEvenAfterARestart()
    {
        await Client.SendAsync("events", Event([1], "some key"), Batch(Event([2], "some key")));
        await StopAsync();
        await StartAsync();
        await Client.SendAsync("events", Event([3], "some key"));

        var counts = new[] { await CountAsync("0"), await CountAsync("1") };

        Assert.Equal([0, 3], counts.Order());
    }

    [Fact]
    public async Task Send_WithoutKey_GoesRound()
    {
        await Client.SendAsync("events", Event([1]), Event([2]), Event([3]), Event([4]));

        Assert.Equal((2L, 2L), (await CountAsync("0"), await CountAsync("1")));
    }

    [Fact]
    public async Task Send_LargerThanTheLimit_IsRefusedAndTheLinkGoesOn()
    {
        var attached = new TaskCompletionSource<ulong>();
        var sender = new SenderLink(Client.Session, "sender", new Attach { Source = new Source(), Target = new Target { Address = "events/Partitions/0" } },
            (_, attach) => attached.TrySetResult(attach.MaxMessageSize));

        var refused = await Assert.ThrowsAsync<AmqpException>(() => sender.SendAsync(Event(new byte[1024 * 1024])));
        await sender.SendAsync(Event(new byte[1024 * 1024 - 100]));

        Assert.Equal(ErrorCode.MessageSizeExceeded, refused.Error.Condition.ToString());
        Assert.Equal(1024UL * 1024, await attached.Task);
        Assert.Equal(1024 * 1024 - 100, ((byte[])Assert.Single(await Client.ReceiveAsync(Reader + "0", 1)).Body).Length);
    }

    [Theory]
    [InlineData("010203")]
    [InlineData("00537201")]
    [InlineData("005372D1FFFFFFFF")]
    [InlineData("005372A00101005375A00101")]
    public async Task Send_BatchOfWhatIsNoMessage_IsRefusedAndTheLinkGoesOn(string section)
    {
        var sender = new SenderLink(Client.Session, "sender", "events/Partitions/0");
        var broken = new Message { Format = 0x80013700, BodySection = new Data { Binary = Convert.FromHexString(section) } };

        var refused = await Assert.ThrowsAsync<AmqpException>(() => sender.SendAsync(broken));
        await sender.SendAsync(Event([1]));

        Assert.Equal(ErrorCode.DecodeError, refused.Error.Condition.ToString());
        Assert.Single(await Client.ReceiveAsync(Reader + "0", 1));
    }

    private async Task<long> CountAsync(string partition) =>
        (long)((Map)(await ReadAsync("com.microsoft:partition", "events", partition)).Body)["last_enqueued_sequence_number"] + 1;
}
