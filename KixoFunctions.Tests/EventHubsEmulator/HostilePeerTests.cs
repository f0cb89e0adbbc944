using Amqp.Framing;
using CsCheck;
using Kixo.EventHubsEmulator;
using Kixo.Local;
using Kixo.Tests.Support;
using static Kixo.Tests.EventHubsEmulator.AmqpClient;

namespace Kixo.Tests.EventHubsEmulator;

/// <summary>Whatever a peer does, the others go on and the emulator's memory stays within bounds.</summary>
public sealed class HostilePeerTests(HostilePeerTests.Fixture emulator) : IClassFixture<HostilePeerTests.Fixture>
{
    private const string Hub = "events/Partitions/0";
    private const string Reader = "events/ConsumerGroups/$Default/Partitions/1";

    /// <summary>An emulator at rest holds about 60 MB; without its limits each test here takes it beyond this, or ends it.</summary>
    private const long MemoryLimit = 500_000_000;

    /// <summary>Frames of too few and too many bytes, performatives that nest without end, and ones that say they hold billions.</summary>
    public static TheoryData<string, string> AbsurdFrames => new()
    {
        { "00000000", "" },
        { "00000007", "020000" },
        { "7FFFFFFF02000000", "" },
        { "FFFFFFFF02000000", "" },
        { "0003000002000000", Repeat("00", 0x30000 - 8) },
        { "0003000002000000", "005310" + Repeat("C0F001", 0xFFFF) },
        { "0003000002000000", "005310" + Repeat("E0F001", 0xFFFF) },
        { "0000001402000000", "005310D0000000047FFFFFFF4040" },
        { "0000001802000000", "005310C00D01F0000000057FFFFFFF40" },
        { "0000000C05000000", "00531045" },
        { "0000000C02000000", "00539945" },
        { "0000000C02000000", "00531445" },
    };

    [Fact]
    public async Task RandomBytes_AtEveryStage()
    {
        for (var stage = 0; stage <= 4; stage++)
        {
            foreach (var bytes in Gen.Byte.Array[1, 5000].Array[20].Single())
            {
                using var peer = await RawPeer.ConnectAsync(emulator.Port, stage);
                await IgnoringCloseAsync(() => peer.SendAsync(bytes));
            }
        }

        await AssertOthersGoOnAsync();
    }

    [Fact]
    public async Task RandomChangesToFramesOfAClient()
    {
        foreach (var (at, value) in Gen.Select(Gen.Int[0, 120], Gen.Byte).Array[200].Single())
        {
            using var peer = await RawPeer.AttachAsync(emulator.Port, Hub, isReceiver: false);
            await IgnoringCloseAsync(async () =>
            {
                var transfer = TransferOf(0, more: false, Message(100));
                transfer[at % transfer.Length] = value;
                await peer.SendFrameAsync(transfer);
            });
        }

        await AssertOthersGoOnAsync();
    }

    [Theory]
    [MemberData(nameof(AbsurdFrames))]
    public async Task AbsurdFrame_ClosesItsConnection(string header, string body)
    {
        using var peer = await RawPeer.ConnectAsync(emulator.Port, stage: 4);

        await IgnoringCloseAsync(() => peer.SendAsync(Convert.FromHexString(header + body)));

        await peer.ClosedAsync();
        await AssertOthersGoOnAsync();
    }

    [Theory]
    [InlineData(Hub, "C1F002A10161")] // maps in annotations
    [InlineData("$management", "C0F001")]
    [InlineData("$cbs", "00")]
    public async Task MessageThatNestsWithoutEnd_IsRefused(string address, string level)
    {
        using var peer = await RawPeer.AttachAsync(emulator.Port, address, isReceiver: false);

        await peer.SendFrameAsync(TransferOf(0, more: false, Convert.FromHexString("005372" + Repeat(level, 20_000))));

        Assert.Equal("amqp:decode-error", Assert.IsType<Rejected>((await peer.ReadAsync<Dispose>()).State).Error.Condition);
        await AssertOthersGoOnAsync();
    }

    [Fact]
    public async Task HalfOpenConnections_DelayNoOne_AndAreClosed()
    {
        var peers = await Task.WhenAll(Enumerable.Range(0, 40).Select(number => RawPeer.ConnectAsync(emulator.Port, stage: number % 4)));

        await AssertOthersGoOnAsync();

        await Task.WhenAll(peers.Select(peer => peer.ClosedAsync()));
        Array.ForEach(peers, peer => peer.Dispose());
    }

    [Fact]
    public async Task MessageWithoutEnd_IsNotKept_AndRefusedWhenItEnds()
    {
        using var peer = await RawPeer.AttachAsync(emulator.Port, Hub, isReceiver: false);

        var part = new byte[60_000];
        for (var number = 0; number < 10_000; number++) // 600 MB
        {
            await peer.SendFrameAsync(TransferOf(0, more: true, part));
        }

        await AssertOthersGoOnAsync();
        await peer.SendFrameAsync(TransferOf(0, more: false, part));

        Assert.Equal("amqp:link:message-size-exceeded", Assert.IsType<Rejected>((await peer.ReadAsync<Dispose>()).State).Error.Condition);
    }

    [Fact]
    public async Task UnfinishedMessages_OnManyLinks_CloseTheConnection()
    {
        using var peer = await RawPeer.AttachAsync(emulator.Port, Hub, isReceiver: false);
        await IgnoringCloseAsync(async () =>
        {
            var part = new byte[250_000];
            for (var handle = 1U; handle < 500; handle++) // 250 MB
            {
                await peer.AttachAsync(handle, Hub, isReceiver: false);
                await peer.SendFrameAsync(TransferOf(handle, more: true, part));
                await peer.SendFrameAsync(TransferOf(handle, more: true, part));
            }
        });

        await peer.ClosedAsync();
        await AssertOthersGoOnAsync();
    }

    [Fact]
    public async Task PeersThatNeverRead_OrNeverGiveCredit()
    {
        await using var client = await ConnectAsync(emulator.Port);
        await client.SendAsync("events/Partitions/1", [.. Enumerable.Range(0, 100).Select(_ => Event(new byte[900_000]))]);
        var peers = await Task.WhenAll(Enumerable.Range(0, 40).Select(_ => RawPeer.AttachAsync(emulator.Port, Reader, isReceiver: true)));

        foreach (var peer in peers[..20]) // 20 times 90 MB
        {
            await peer.GiveCreditAsync(int.MaxValue);
        }

        await AssertOthersGoOnAsync();
        await Task.Delay(TimeSpan.FromSeconds(2), TimeProvider.System, CancellationToken.None);
        await AssertOthersGoOnAsync();
        Array.ForEach(peers, peer => peer.Dispose());
    }

    [Fact]
    public async Task RequestsWhoseAnswersAreNotTaken_AreNotKept()
    {
        using var peer = await RawPeer.AttachAsync(emulator.Port, "$management", isReceiver: true);
        await peer.AttachAsync(1, "$management", isReceiver: false);

        await IgnoringCloseAsync(async () =>
        {
            for (var number = 0; number < 1000; number++)
            {
                await peer.SendFrameAsync(TransferOf(1, more: false, Convert.FromHexString("005377A10161"), (uint)number));
            }
        });

        Assert.Equal("amqp:link:transfer-limit-exceeded", (await peer.ReadAsync<Detach>()).Error.Condition);
        await AssertOthersGoOnAsync();
    }

    [Fact]
    public async Task ThousandConnections_AllServed()
    {
        var peers = new List<RawPeer>();
        while (peers.Count < 1000)
        {
            // Not all at once: each has ten seconds for its handshake.
            peers.AddRange(await Task.WhenAll(Enumerable.Range(0, 50).Select(_ => RawPeer.AttachAsync(emulator.Port, Reader, isReceiver: true))));
        }

        await AssertOthersGoOnAsync();

        peers.ForEach(peer => peer.Dispose());
    }

    private static string Repeat(string text, int count) => string.Concat(Enumerable.Repeat(text, count));

    private static byte[] Message(int size) => [0x00, 0x53, 0x75, 0xA0, (byte)size, .. new byte[size]];

    /// <summary>A transfer's performative and payload.</summary>
    private static byte[] TransferOf(uint handle, bool more, byte[] payload, uint deliveryId = 0)
    {
        var transfer = new Transfer { Handle = handle, DeliveryId = deliveryId, DeliveryTag = BitConverter.GetBytes(deliveryId), More = more };
        var encoded = new Amqp.ByteBuffer(64, autoGrow: true);
        transfer.Encode(encoded);
        return [.. encoded.Buffer.AsSpan(encoded.Offset, encoded.Length), .. payload];
    }

    private static async Task IgnoringCloseAsync(Func<Task> send)
    {
        try
        {
            await send();
        }
        catch (IOException)
        {
            // The emulator has closed the connection meanwhile.
        }
    }

    private async Task AssertOthersGoOnAsync()
    {
        await using var client = await ConnectAsync(emulator.Port);
        var receiver = await client.AttachReceiverAsync("others/ConsumerGroups/$Default/Partitions/0", "amqp.annotation.x-opt-offset > @latest");
        receiver.SetCredit(1);
        await client.SendAsync("others/Partitions/0", Event([7]));
        Assert.Equal([7], (byte[])Assert.Single(await TakeAsync(receiver, 1)).Body);
        Assert.InRange(emulator.Memory, 1, MemoryLimit);
    }

    /// <summary>The emulator as a process of its own.</summary>
    public sealed class Fixture : IAsyncLifetime
    {
        private readonly TestFolder _folder = new();
        private TestProgram? _emulator;

        public int Port { get; } = Ports.Free();

        public long Memory => _emulator!.Memory;

        public async Task InitializeAsync()
        {
            _emulator = TestProgram.Start(
                typeof(Emulator).Assembly, _folder.Path, ["--port", $"{Port}", "--data", _folder.Sub("data"), "--hub", "events:2", "--hub", "others:1"]);
            await _emulator.SaidAsync("Endpoint=");
        }

        public async Task DisposeAsync()
        {
            await _emulator!.DisposeAsync();
            _folder.Dispose();
        }
    }
}
