using Amqp.Framing;
using static Kixo.Tests.EventHubsEmulator.AmqpClient;

namespace Kixo.Tests.EventHubsEmulator;

/// <summary>A receiver gets no more than it gave credit for; when it wants credit back, what there is, and then the rest of the credit.</summary>
public sealed class CreditTests : EmulatorTest
{
    private RawPeer _peer = null!;

    public override async Task InitializeAsync()
    {
        await base.InitializeAsync();
        _peer = await RawPeer.AttachAsync(Running.Port, Reader + "0", isReceiver: true);
    }

    public override async Task DisposeAsync()
    {
        _peer.Dispose();
        await base.DisposeAsync();
    }

    [Fact]
    public async Task Drain_EventsThere_ComeBeforeTheAnswer()
    {
        await SendAsync(2);

        await _peer.GiveCreditAsync(10, drain: true);

        await _peer.ReadAsync<Transfer>();
        await _peer.ReadAsync<Transfer>();
        Assert.Equal(10U, await DrainedAsync());
    }

    [Fact]
    public async Task Drain_MoreEventsThanCredit_IsAnsweredWhenTheCreditIsUsed()
    {
        await SendAsync(5);

        await _peer.GiveCreditAsync(3, drain: true);

        Assert.Equal(3U, await DrainedAsync());
    }

    [Fact]
    public async Task Drain_CreditAlreadyGiven_IsTakenBack_AndWhatIsGivenLaterIsGood()
    {
        await _peer.GiveCreditAsync(5);
        await _peer.GiveCreditAsync(5, drain: true); // the same credit: AMQPNetLite tells of no change
        Assert.Equal(5U, await DrainedAsync());

        await SendAsync(4);
        await _peer.GiveCreditAsync(2, deliveryCount: 5, drain: true);

        Assert.Equal(7U, await DrainedAsync());
        await _peer.GiveCreditAsync(1, deliveryCount: 7);
        await _peer.ReadAsync<Transfer>();
    }

    [Fact]
    public async Task Drain_NoCredit_IsAnsweredToo()
    {
        await _peer.GiveCreditAsync(0, drain: true);

        Assert.Equal(0U, await DrainedAsync());
    }

    [Fact]
    public async Task Repeated_IsNotAdded()
    {
        await SendAsync(10);

        await _peer.GiveCreditAsync(3);
        await _peer.GiveCreditAsync(3);
        await _peer.GiveCreditAsync(4);
        await _peer.GiveCreditAsync(4);
        await _peer.GiveCreditAsync(4, drain: true); // whose answer tells how many came

        Assert.Equal(4U, await DrainedAsync());
        await _peer.GiveCreditAsync(100, deliveryCount: 4, drain: true);
        Assert.Equal(104U, await DrainedAsync());
    }

    private Task SendAsync(int count) =>
        Client.SendAsync("events/Partitions/0", [.. Enumerable.Range(0, count).Select(number => Event([(byte)number]))]);

    private async Task<uint> DrainedAsync()
    {
        while (true)
        {
            var flow = await _peer.ReadAsync<Flow>();
            if (flow.Drain)
            {
                Assert.Equal(0U, flow.LinkCredit);
                return flow.DeliveryCount;
            }
        }
    }
}
