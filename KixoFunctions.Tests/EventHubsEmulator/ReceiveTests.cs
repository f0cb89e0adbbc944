using System.Runtime.CompilerServices;
using Amqp;
using Amqp.Framing;
using Amqp.Types;
using static Kixo.Tests.EventHubsEmulator.AmqpClient;

namespace Kixo.Tests.EventHubsEmulator;

public sealed class ReceiveTests : EmulatorTest
{
    [Fact]
    public async Task Receive_FromEveryPosition_StartsThere()
    {
        await Client.SendAsync("events/Partitions/0", Event([0]), Event([1]), Event([2]), Event([3]));
        var all = await Client.ReceiveAsync(Reader + "0", 4);
        var offset = all[1].MessageAnnotations[new Symbol("x-opt-offset")];
        var firstTime = new DateTimeOffset((DateTime)all[0].MessageAnnotations[new Symbol("x-opt-enqueued-time")]).ToUnixTimeMilliseconds();

        foreach (var (filter, first) in (((string, long)[])[
            ("x-opt-offset > '-1'", 0), ("x-opt-offset > -1", 0), ("x-opt-offset > @latest", 4),
            ($"x-opt-offset > '{offset}'", 2), ($"x-opt-offset >= {offset}", 1),
            ("x-opt-sequence-number > '2'", 3), ("x-opt-sequence-number >= 2", 2), ("x-opt-sequence-number > 3", 4),
            ($"x-opt-enqueued-time >= {firstTime}", 0), ($"x-opt-enqueued-time > '{firstTime - 1}'", 0), ($"x-opt-enqueued-time > {firstTime + 60_000}", 4)]))
        {
            var received = await Client.ReceiveAsync("events/ConsumerGroups/other/Partitions/0", (int)(4 - first), "amqp.annotation." + filter);
            Assert.Equal(Enumerable.Range((int)first, (int)(4 - first)).Select(number => (long)number), received.Select(SequenceNumber));
        }
    }

    [Fact]
    public async Task Receive_AtTheEnd_GetsWhatIsSentLater()
    {
        await Client.SendAsync("events/Partitions/0", Event([0]));
        var receiver = await Client.AttachReceiverAsync(Reader + "0", "amqp.annotation.x-opt-offset > @latest");
        receiver.SetCredit(10);

        await Client.SendAsync("events/Partitions/0", Event([1]));

        Assert.Equal(1, SequenceNumber(Assert.Single(await TakeAsync(receiver, 1))));
    }

    [Fact]
    public async Task Receive_BeyondTheEnd_IsRefused()
    {
        var receiver = await Client.AttachReceiverAsync(Reader + "0", "amqp.annotation.x-opt-sequence-number > 500");

        Assert.Contains("The supplied sequence number '500' is invalid", (await ErrorOfAsync(receiver)).Description, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Receive_WithRuntimeMetric_TellsThePartitionsEnd()
    {
        await Client.SendAsync("events/Partitions/0", Event([0]), Event([1]));
        var receiver = await Client.AttachReceiverAsync(Reader + "0", desired: new Symbol("com.microsoft:enable-receiver-runtime-metric"));
        receiver.SetCredit(1, CreditMode.Manual);

        var message = Assert.Single(await TakeAsync(receiver, 1));

        Assert.Equal(1L, message.DeliveryAnnotations[new Symbol("last_enqueued_sequence_number")]);
    }

    [Fact]
    public async Task Credit_IsNeverExceeded()
    {
        await Client.SendAsync("events/Partitions/0", [.. Enumerable.Range(0, 10).Select(number => Event([(byte)number]))]);
        var receiver = await Client.AttachReceiverAsync(Reader + "0");

        receiver.SetCredit(3, CreditMode.Manual);
        await TakeAsync(receiver, 3);
        Assert.Null(await receiver.ReceiveAsync(TimeSpan.FromMilliseconds(200)));

        receiver.SetCredit(2, CreditMode.Manual);
        await TakeAsync(receiver, 2);
        Assert.Null(await receiver.ReceiveAsync(TimeSpan.FromMilliseconds(200)));
    }

    [Fact]
    public async Task Credit_Lowered_IsHeeded()
    {
        var receiver = await Client.AttachReceiverAsync(Reader + "0");
        receiver.SetCredit(10);
        SendFlow(receiver, deliveryCount: 0, credit: 4);
        SendFlow(receiver, deliveryCount: 0, credit: 2);
        await Client.SendAsync("events/Partitions/0", [.. Enumerable.Range(0, 20).Select(number => Event([(byte)number]))]);

        await TakeUnsettledAsync(receiver, 2);
        SendFlow(receiver, deliveryCount: 2, credit: 3);
        await TakeUnsettledAsync(receiver, 3);
    }

    [Fact]
    public async Task Epoch_HigherOrEqual_StealsAndLowerOrNoneIsRefused()
    {
        await using var other = await ConnectAsync(Running.Port);
        var without = await Client.AttachReceiverAsync(Reader + "0");
        var first = await Client.AttachReceiverAsync(Reader + "0", epoch: 3);
        Assert.Equal(ErrorCode.Stolen, (await ErrorOfAsync(without)).Condition.ToString());

        var second = await other.AttachReceiverAsync(Reader + "0", epoch: 3);
        Assert.Equal(ErrorCode.Stolen, (await ErrorOfAsync(first)).Condition.ToString());
        Assert.Equal(ErrorCode.Stolen, (await ErrorOfAsync(await Client.AttachReceiverAsync(Reader + "0", epoch: 2))).Condition.ToString());
        Assert.Equal(ErrorCode.Stolen, (await ErrorOfAsync(await Client.AttachReceiverAsync(Reader + "0"))).Condition.ToString());

        var elsewhere = await Client.AttachReceiverAsync("events/ConsumerGroups/other/Partitions/0");
        await Client.SendAsync("events/Partitions/0", Event([1]));
        foreach (var receiver in (ReceiverLink[])[second, elsewhere])
        {
            receiver.SetCredit(1, CreditMode.Manual);
            Assert.Single(await TakeAsync(receiver, 1));
        }
    }

    [Theory]
    [InlineData("nope/ConsumerGroups/$Default/Partitions/0", "The messaging entity .* could not be found")]
    [InlineData("events/ConsumerGroups/$Default/Partitions/7", "between 0 and 1")]
    public async Task Attach_UnknownEntity_IsRefused(string address, string because) =>
        Assert.Matches(because, (await ErrorOfAsync(await Client.AttachReceiverAsync(address))).Description);

    /// <summary>Receives so many, and sees that no further one comes.</summary>
    private static async Task TakeUnsettledAsync(ReceiverLink receiver, int count)
    {
        for (var i = 0; i < count; i++)
        {
            Assert.NotNull(await receiver.ReceiveAsync(Patience));
        }

        Assert.Null(await receiver.ReceiveAsync(TimeSpan.FromMilliseconds(300)));
    }

    /// <summary>A flow as other clients send it: AMQPNetLite's own never lowers the credit.</summary>
    private static void SendFlow(ReceiverLink link, uint deliveryCount, uint credit) => SendCommand(link.Session, new Flow
    {
        NextIncomingId = 0,
        IncomingWindow = 2048,
        NextOutgoingId = 0,
        OutgoingWindow = 2048,
        Handle = link.Handle,
        DeliveryCount = deliveryCount,
        LinkCredit = credit,
    });

    [UnsafeAccessor(UnsafeAccessorKind.Method, Name = "SendCommand")]
    private static extern void SendCommand(Session session, DescribedList command);
}
