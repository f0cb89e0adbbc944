using System.Net;
using System.Net.Sockets;
using System.Runtime.CompilerServices;
using Amqp;
using Amqp.Framing;
using Amqp.Sasl;
using Amqp.Transactions;
using Amqp.Types;
using Kixo.EventHubsEmulator;
using Kixo.Tests.Support;
using static Kixo.Tests.EventHubsEmulator.AmqpClient;

namespace Kixo.Tests.EventHubsEmulator;

public sealed class EmulatorTests : IAsyncLifetime, IDisposable
{
    private const string Reader = "events/ConsumerGroups/$Default/Partitions/";
    private readonly TestFolder _folder = new();
    private Emulator _emulator = null!;
    private AmqpClient _client = null!;

    public async Task InitializeAsync() => await StartAsync();

    public async Task DisposeAsync() => await StopAsync();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task Connect_AnyMechanism_IsLetIn()
    {
        foreach (var sasl in (SaslProfile[])[SaslProfile.Anonymous, new PlainProfile(), new MssbcbsProfile()])
        {
            await using var client = await ConnectAsync(_emulator.Port, sasl);
            Assert.Equal("events", await NameAsync(client));
        }
    }

    [Fact]
    public async Task Connect_HundredInARow_NoneStalls()
    {
        for (var number = 0; number < 100; number++)
        {
            await using var client = await ConnectAsync(_emulator.Port);
            Assert.Equal("events", await NameAsync(client));
        }
    }

    [Fact]
    public async Task Connect_WhileOthersSayNothing_IsServed()
    {
        using var silent = new TcpClient("127.0.0.1", _emulator.Port);
        using var gone = new TcpClient("127.0.0.1", _emulator.Port);
        gone.Close();

        await using var client = await ConnectAsync(_emulator.Port);

        Assert.Equal("events", await NameAsync(client));
    }

    [Fact]
    public async Task Cbs_PutToken_AcceptsWithDescription()
    {
        var reply = await _client.RequestAsync("$cbs", ("operation", "put-token"), ("type", "servicebus.windows.net:sastoken"), ("name", "sb://local/events"));

        Assert.Equal(202, reply.ApplicationProperties["status-code"]);
        Assert.IsType<string>(reply.ApplicationProperties["status-description"]);
    }

    [Fact]
    public async Task Management_Hub_NamesItsPartitions()
    {
        var reply = await ReadAsync("com.microsoft:eventhub", "events");

        var hub = Assert.IsType<Map>(reply.Body);
        Assert.Equal("events", hub["name"]);
        Assert.Equal(2, hub["partition_count"]);
        Assert.Equal(["0", "1"], Assert.IsType<string[]>(hub["partition_ids"]));
        Assert.IsType<DateTime>(hub["created_at"]);
    }

    [Fact]
    public async Task Management_Partition_TellsItsEnd()
    {
        var empty = (Map)(await ReadAsync("com.microsoft:partition", "events", "1")).Body;
        await _client.SendAsync("events/Partitions/1", Event([1]), Event([2]));
        var filled = (Map)(await ReadAsync("com.microsoft:partition", "events", "1")).Body;

        Assert.Equal((true, -1L, "-1"), (empty["is_partition_empty"], empty["last_enqueued_sequence_number"], empty["last_enqueued_offset"]));
        Assert.Equal((false, 0L, 1L), (filled["is_partition_empty"], filled["begin_sequence_number"], filled["last_enqueued_sequence_number"]));
        var last = (await _client.ReceiveAsync(Reader + "1", 2))[1].MessageAnnotations;
        Assert.Equal(last[new Symbol("x-opt-offset")], filled["last_enqueued_offset"]);
        Assert.Equal(last[new Symbol("x-opt-enqueued-time")], filled["last_enqueued_time_utc"]);
    }

    [Fact]
    public async Task Management_UnknownHub_IsNotFound()
    {
        var reply = await ReadAsync("com.microsoft:eventhub", "nope");

        Assert.Equal(404, reply.ApplicationProperties["status-code"]);
        Assert.Matches("The messaging entity .* could not be found", (string)reply.ApplicationProperties["status-description"]);
    }

    [Fact]
    public async Task Send_ToPartition_ComesOutAsItWas()
    {
        var sent = Event([0, 255, 10, 13], "key");
        sent.Header = new() { Durable = true };
        sent.MessageAnnotations[new Symbol("own")] = "kept";
        sent.Properties = new() { MessageId = "m-1", ContentType = "application/x-ndjson" };
        sent.ApplicationProperties = new() { ["schema"] = "kixo.events/1", ["event_count"] = 3 };
        await _client.SendAsync("/events/Partitions/1", sent);

        var received = Assert.Single(await _client.ReceiveAsync("/" + Reader + "1", 1));

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
        await _client.SendAsync("events/Partitions/0", Batch(Event([1], "key"), Event([2], "key"), Event([3], "key")), Batch(Event([4])));

        var received = await _client.ReceiveAsync(Reader + "0", 4);

        Assert.Equal([1, 2, 3, 4], received.Select(message => ((byte[])message.Body)[0]));
        Assert.Equal([0, 1, 2, 3], received.Select(SequenceNumber));
        Assert.Equal(["key", "key", "key", null], received.Select(message => message.MessageAnnotations[new Symbol("x-opt-partition-key")]));
    }

    [Fact]
    public async Task Send_WithKey_GoesToOnePartitionEvenAfterARestart()
    {
        await _client.SendAsync("events", Event([1], "some key"), Batch(Event([2], "some key")));
        await StopAsync();
        await StartAsync();
        await _client.SendAsync("events", Event([3], "some key"));

        var counts = new[] { await CountAsync("0"), await CountAsync("1") };

        Assert.Equal([0, 3], counts.Order());
    }

    [Fact]
    public async Task Send_WithoutKey_GoesRound()
    {
        await _client.SendAsync("events", Event([1]), Event([2]), Event([3]), Event([4]));

        Assert.Equal((2L, 2L), (await CountAsync("0"), await CountAsync("1")));
    }

    [Fact]
    public async Task Send_LargerThanTheLimit_IsRefusedAndTheLinkGoesOn()
    {
        var attached = new TaskCompletionSource<ulong>();
        var sender = new SenderLink(_client.Session, "sender", new Attach { Source = new Source(), Target = new Target { Address = "events/Partitions/0" } },
            (_, attach) => attached.TrySetResult(attach.MaxMessageSize));

        var refused = await Assert.ThrowsAsync<AmqpException>(() => sender.SendAsync(Event(new byte[1024 * 1024])));
        await sender.SendAsync(Event(new byte[1024 * 1024 - 100]));

        Assert.Equal(ErrorCode.MessageSizeExceeded, refused.Error.Condition.ToString());
        Assert.Equal(1024UL * 1024, await attached.Task);
        Assert.Equal(1024 * 1024 - 100, ((byte[])Assert.Single(await _client.ReceiveAsync(Reader + "0", 1)).Body).Length);
    }

    [Theory]
    [InlineData("010203")]
    [InlineData("00537201")]
    [InlineData("005372D1FFFFFFFF")]
    [InlineData("005372A00101005375A00101")]
    public async Task Send_BatchOfWhatIsNoMessage_IsRefusedAndTheLinkGoesOn(string section)
    {
        var sender = new SenderLink(_client.Session, "sender", "events/Partitions/0");
        var broken = new Message { Format = 0x80013700, BodySection = new Data { Binary = Convert.FromHexString(section) } };

        var refused = await Assert.ThrowsAsync<AmqpException>(() => sender.SendAsync(broken));
        await sender.SendAsync(Event([1]));

        Assert.Equal(ErrorCode.DecodeError, refused.Error.Condition.ToString());
        Assert.Single(await _client.ReceiveAsync(Reader + "0", 1));
    }

    [Fact]
    public async Task Receive_FromEveryPosition_StartsThere()
    {
        await _client.SendAsync("events/Partitions/0", Event([0]), Event([1]), Event([2]), Event([3]));
        var all = await _client.ReceiveAsync(Reader + "0", 4);
        var offset = all[1].MessageAnnotations[new Symbol("x-opt-offset")];
        var firstTime = new DateTimeOffset((DateTime)all[0].MessageAnnotations[new Symbol("x-opt-enqueued-time")]).ToUnixTimeMilliseconds();

        foreach (var (filter, first) in (((string, long)[])[
            ("x-opt-offset > '-1'", 0), ("x-opt-offset > -1", 0), ("x-opt-offset > @latest", 4),
            ($"x-opt-offset > '{offset}'", 2), ($"x-opt-offset >= {offset}", 1),
            ("x-opt-sequence-number > '2'", 3), ("x-opt-sequence-number >= 2", 2), ("x-opt-sequence-number > 3", 4),
            ($"x-opt-enqueued-time >= {firstTime}", 0), ($"x-opt-enqueued-time > '{firstTime - 1}'", 0), ($"x-opt-enqueued-time > {firstTime + 60_000}", 4)]))
        {
            var received = await _client.ReceiveAsync("events/ConsumerGroups/other/Partitions/0", (int)(4 - first), "amqp.annotation." + filter);
            Assert.Equal(Enumerable.Range((int)first, (int)(4 - first)).Select(number => (long)number), received.Select(SequenceNumber));
        }
    }

    [Fact]
    public async Task Receive_AtTheEnd_GetsWhatIsSentLater()
    {
        await _client.SendAsync("events/Partitions/0", Event([0]));
        var receiver = await _client.AttachReceiverAsync(Reader + "0", "amqp.annotation.x-opt-offset > @latest");
        receiver.SetCredit(10);

        await _client.SendAsync("events/Partitions/0", Event([1]));

        Assert.Equal(1, SequenceNumber(Assert.Single(await TakeAsync(receiver, 1))));
    }

    [Fact]
    public async Task Receive_BeyondTheEnd_IsRefused()
    {
        var receiver = await _client.AttachReceiverAsync(Reader + "0", "amqp.annotation.x-opt-sequence-number > 500");

        Assert.Contains("The supplied sequence number '500' is invalid", (await ErrorOfAsync(receiver)).Description, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Receive_WithRuntimeMetric_TellsThePartitionsEnd()
    {
        await _client.SendAsync("events/Partitions/0", Event([0]), Event([1]));
        var receiver = await _client.AttachReceiverAsync(Reader + "0", desired: new Symbol("com.microsoft:enable-receiver-runtime-metric"));
        receiver.SetCredit(1, CreditMode.Manual);

        var message = Assert.Single(await TakeAsync(receiver, 1));

        Assert.Equal(1L, message.DeliveryAnnotations[new Symbol("last_enqueued_sequence_number")]);
    }

    [Fact]
    public async Task Credit_IsNeverExceeded()
    {
        await _client.SendAsync("events/Partitions/0", [.. Enumerable.Range(0, 10).Select(number => Event([(byte)number]))]);
        var receiver = await _client.AttachReceiverAsync(Reader + "0");

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
        var receiver = await _client.AttachReceiverAsync(Reader + "0");
        receiver.SetCredit(10);
        SendFlow(receiver, deliveryCount: 0, credit: 4);
        SendFlow(receiver, deliveryCount: 0, credit: 2);
        await _client.SendAsync("events/Partitions/0", [.. Enumerable.Range(0, 20).Select(number => Event([(byte)number]))]);

        Assert.Equal(2, await CountUnsettledAsync(receiver));
        SendFlow(receiver, deliveryCount: 2, credit: 3);
        Assert.Equal(3, await CountUnsettledAsync(receiver));
    }

    [Fact]
    public async Task Epoch_HigherOrEqual_StealsAndLowerOrNoneIsRefused()
    {
        await using var other = await ConnectAsync(_emulator.Port);
        var without = await _client.AttachReceiverAsync(Reader + "0");
        var first = await _client.AttachReceiverAsync(Reader + "0", epoch: 3);
        Assert.Equal(ErrorCode.Stolen, (await ErrorOfAsync(without)).Condition.ToString());

        var second = await other.AttachReceiverAsync(Reader + "0", epoch: 3);
        Assert.Equal(ErrorCode.Stolen, (await ErrorOfAsync(first)).Condition.ToString());
        Assert.Equal(ErrorCode.Stolen, (await ErrorOfAsync(await _client.AttachReceiverAsync(Reader + "0", epoch: 2))).Condition.ToString());
        Assert.Equal(ErrorCode.Stolen, (await ErrorOfAsync(await _client.AttachReceiverAsync(Reader + "0"))).Condition.ToString());

        var elsewhere = await _client.AttachReceiverAsync("events/ConsumerGroups/other/Partitions/0");
        await _client.SendAsync("events/Partitions/0", Event([1]));
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
        Assert.Matches(because, (await ErrorOfAsync(await _client.AttachReceiverAsync(address))).Description);

    [Fact]
    public async Task Session_BegunAnewWithoutEnd_IsServed()
    {
        await ErrorOfAsync(await _client.AttachReceiverAsync("nope/ConsumerGroups/$Default/Partitions/0"));

        LocalSessions(_client.Connection)[0] = null; // as Microsoft.Azure.Amqp leaves a session after a refused attach
        _client.NewSession();

        Assert.Equal("events", await NameAsync(_client));
    }

    [Fact]
    public async Task Restart_KeepsEventsAndContinuesTheSequence()
    {
        await _client.SendAsync("events/Partitions/0", Event([0], "key"), Event([1]));
        await StopAsync();
        await StartAsync();
        await _client.SendAsync("events/Partitions/0", Event([2]));

        var received = await _client.ReceiveAsync(Reader + "0", 3);

        Assert.Equal([0, 1, 2], received.Select(SequenceNumber));
        Assert.Equal([0, 1, 2], received.Select(message => ((byte[])message.Body)[0]));
        Assert.Equal("key", received[0].MessageAnnotations[new Symbol("x-opt-partition-key")]);
    }

    [Fact]
    public async Task Status_TellsWhatGoesOnAndWhatIsStored()
    {
        await _client.SendAsync("events", Event([1]), Event([2]), Event([3]));
        await _client.ReceiveAsync(Reader + "0", 2);

        var status = _emulator.Status;

        Assert.Equal((1, 3L, 2L, 3L), (status.Connections, status.EventsIn, status.EventsOut, status.Stored));
        Assert.InRange(status.StoredBytes, 3 * 26, 300);
        var before = status with { EventsIn = 1, EventsOut = 0 };
        Assert.Equal("connections 1 · in 1/s · out 1/s · stored 3 (0 MB)", StatusLine.Text(before, status, TimeSpan.FromSeconds(2)));

        await _client.DisposeAsync();
        await Support.TestStack.EventuallyAsync(() => Task.FromResult(_emulator.Status.Connections == 0), () => "the connection to be forgotten");
    }

    [Fact]
    public async Task Start_PortTaken_SaysWhichAndWhatToDo()
    {
        using var elsewhere = new TestFolder();
        var options = new EmulatorOptions { Port = _emulator.Port, DataFolder = elsewhere.Path };

        var refused = await Assert.ThrowsAsync<IOException>(() => Emulator.StartAsync(options, TimeProvider.System, CancellationToken.None));

        Assert.Equal($"Port {_emulator.Port} on 127.0.0.1 is taken: stop what listens there or choose another port.", refused.Message);
    }

    [Fact]
    public async Task Start_FolderInUse_SaysWhichAndWhatToDo()
    {
        var options = new EmulatorOptions { Port = 0, DataFolder = _folder.Path };

        var refused = await Assert.ThrowsAsync<IOException>(() => Emulator.StartAsync(options, TimeProvider.System, CancellationToken.None));

        Assert.Contains(_folder.Path, refused.Message, StringComparison.Ordinal);
        Assert.EndsWith("stop the emulator that uses it or choose another folder.", refused.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("../up", 1)]
    [InlineData("", 1)]
    [InlineData("events", 0)]
    public async Task Start_HubNotAllowed_IsRefused(string name, int partitions)
    {
        var options = new EmulatorOptions { Port = 0, DataFolder = _folder.Path, Hubs = [new(name, partitions)] };

        await Assert.ThrowsAsync<ArgumentException>(() => Emulator.StartAsync(options, TimeProvider.System, CancellationToken.None));
    }

    [Fact]
    public async Task Attach_AsWhatTheEmulatorLacks_IsNotImplemented()
    {
        var idempotent = new SenderLink(_client.Session, "idempotent", new Attach
        {
            Source = new Source(), Target = new Target { Address = "events/Partitions/0" }, DesiredCapabilities = [new Symbol("com.microsoft:idempotent-producer")],
        }, null);
        Assert.Contains("does not implement idempotent producers", (await ErrorOfAsync(idempotent)).Description, StringComparison.Ordinal);

        var transactions = new SenderLink(_client.Session, "transactions", new Attach { Source = new Source(), Target = new Coordinator() }, null);
        var error = await ErrorOfAsync(transactions);
        Assert.Equal(ErrorCode.NotImplemented, error.Condition.ToString());
        Assert.Contains("does not implement transactions", error.Description, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("DELETE", "com.microsoft:eventhub")]
    [InlineData("READ", "com.microsoft:schema")]
    public async Task Management_WhatTheEmulatorLacks_IsNotImplemented(string operation, string type)
    {
        var reply = await _client.RequestAsync("$management", ("operation", operation), ("type", type), ("name", "events"));

        Assert.Equal(501, reply.ApplicationProperties["status-code"]);
        Assert.Equal(ErrorCode.NotImplemented, reply.ApplicationProperties["error-condition"].ToString());
        Assert.Contains("does not implement", (string)reply.ApplicationProperties["status-description"], StringComparison.Ordinal);
    }

    [Fact]
    public async Task Connect_OverWebSockets_IsToldThatThereAreNone()
    {
        using var client = new HttpClient();

        using var response = await client.GetAsync(new Uri($"http://127.0.0.1:{_emulator.Port}/$servicebus/websocket"));

        Assert.Equal(HttpStatusCode.NotImplemented, response.StatusCode);
        Assert.Contains("not over WebSockets", await response.Content.ReadAsStringAsync(), StringComparison.Ordinal);
    }

    private async Task StartAsync()
    {
        var options = new EmulatorOptions { Port = 0, DataFolder = _folder.Path, Hubs = [new("events", 2)] };
        _emulator = await Emulator.StartAsync(options, TimeProvider.System, CancellationToken.None);
        _client = await ConnectAsync(_emulator.Port);
    }

    private async Task StopAsync()
    {
        await _emulator.DisposeAsync();
        await _client.DisposeAsync();
    }

    private Task<Message> ReadAsync(string type, string name, string partition = "") =>
        _client.RequestAsync("$management", ("operation", "READ"), ("type", type), ("name", name), ("partition", partition));

    private async Task<long> CountAsync(string partition) =>
        (long)((Map)(await ReadAsync("com.microsoft:partition", "events", partition)).Body)["last_enqueued_sequence_number"] + 1;

    private static async Task<object> NameAsync(AmqpClient client) =>
        ((Map)(await client.RequestAsync("$management", ("operation", "READ"), ("type", "com.microsoft:eventhub"), ("name", "events"))).Body)["name"];

    private static long SequenceNumber(Message message) => (long)message.MessageAnnotations[new Symbol("x-opt-sequence-number")];

    private static async Task<int> CountUnsettledAsync(ReceiverLink receiver)
    {
        var count = 0;
        while (await receiver.ReceiveAsync(TimeSpan.FromMilliseconds(300)) is not null)
        {
            count++;
        }

        return count;
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

    [UnsafeAccessor(UnsafeAccessorKind.Field, Name = "localSessions")]
    private static extern ref Session?[] LocalSessions(Connection connection);

    private class PlainProfile(string mechanism = "PLAIN") : SaslProfile(mechanism)
    {
        protected override ITransport UpgradeTransport(ITransport transport) => transport;

        protected override DescribedList GetStartCommand(string hostname) =>
            new SaslInit { Mechanism = Mechanism, InitialResponse = "\0local\0local"u8.ToArray(), HostName = hostname };

        protected override DescribedList OnCommand(DescribedList command) => throw new NotSupportedException();
    }

    private sealed class MssbcbsProfile() : PlainProfile("MSSBCBS");
}
