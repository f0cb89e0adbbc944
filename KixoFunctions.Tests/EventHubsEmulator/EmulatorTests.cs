using Amqp;
using Amqp.Framing;
using Amqp.Transactions;
using Amqp.Types;
using Kixo.EventHubsEmulator;
using Kixo.Tests.Support;
using static Kixo.Tests.EventHubsEmulator.AmqpClient;

namespace Kixo.Tests.EventHubsEmulator;

public sealed class EmulatorTests : EmulatorTest
{
    [Fact]
    public async Task Restart_KeepsEventsAndContinuesTheSequence()
    {
        await Client.SendAsync("events/Partitions/0", Event([0], "key"), Event([1]));
        await StopAsync();
        await StartAsync();
        await Client.SendAsync("events/Partitions/0", Event([2]));

        var received = await Client.ReceiveAsync(Reader + "0", 3);

        Assert.Equal([0, 1, 2], received.Select(SequenceNumber));
        Assert.Equal([0, 1, 2], received.Select(message => ((byte[])message.Body)[0]));
        Assert.Equal("key", received[0].MessageAnnotations[new Symbol("x-opt-partition-key")]);
    }

    [Fact]
    public async Task Status_TellsWhatGoesOnAndWhatIsStored()
    {
        await Client.SendAsync("events", Event([1]), Event([2]), Event([3]));
        await Client.ReceiveAsync(Reader + "0", 2);

        var status = Running.Status;

        Assert.Equal((1, 3L, 2L, 3L), (status.Connections, status.EventsIn, status.EventsOut, status.Stored));
        Assert.InRange(status.StoredBytes, 3 * 26, 300);
        var before = status with { EventsIn = 1, EventsOut = 0 };
        Assert.Equal("connections 1 · in 1/s · out 1/s · stored 3 (0 MB)", StatusLine.Text(before, status, TimeSpan.FromSeconds(2)));

        await Client.DisposeAsync();
        await TestStack.EventuallyAsync(() => Task.FromResult(Running.Status.Connections == 0), () => "the connection to be forgotten");
    }

    [Fact]
    public async Task Start_PortTaken_SaysWhichAndWhatToDo()
    {
        using var elsewhere = new TestFolder();
        var options = new EmulatorOptions { Port = Running.Port, DataFolder = elsewhere.Path };

        var refused = await Assert.ThrowsAsync<IOException>(() => Emulator.StartAsync(options, TimeProvider.System, CancellationToken.None));

        Assert.Equal($"Port {Running.Port} on 127.0.0.1 is taken: stop what listens there or choose another port.", refused.Message);
    }

    [Fact]
    public async Task Start_FolderInUse_SaysWhichAndWhatToDo()
    {
        var options = new EmulatorOptions { Port = 0, DataFolder = Folder.Path };

        var refused = await Assert.ThrowsAsync<IOException>(() => Emulator.StartAsync(options, TimeProvider.System, CancellationToken.None));

        Assert.Contains(Folder.Path, refused.Message, StringComparison.Ordinal);
        Assert.EndsWith("stop the emulator that uses it or choose another folder.", refused.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("../up", 1)]
    [InlineData("", 1)]
    [InlineData("events", 0)]
    public async Task Start_HubNotAllowed_IsRefused(string name, int partitions)
    {
        var options = new EmulatorOptions { Port = 0, DataFolder = Folder.Path, Hubs = [new(name, partitions)] };

        await Assert.ThrowsAsync<ArgumentException>(() => Emulator.StartAsync(options, TimeProvider.System, CancellationToken.None));
    }

    [Fact]
    public async Task Attach_AsWhatTheEmulatorLacks_IsNotImplemented()
    {
        var idempotent = new SenderLink(Client.Session, "idempotent", new Attach
        {
            Source = new Source(), Target = new Target { Address = "events/Partitions/0" }, DesiredCapabilities = [new Symbol("com.microsoft:idempotent-producer")],
        }, null);
        Assert.Contains("does not implement idempotent producers", (await ErrorOfAsync(idempotent)).Description, StringComparison.Ordinal);

        var transactions = new SenderLink(Client.Session, "transactions", new Attach { Source = new Source(), Target = new Coordinator() }, null);
        var error = await ErrorOfAsync(transactions);
        Assert.Equal(ErrorCode.NotImplemented, error.Condition.ToString());
        Assert.Contains("does not implement transactions", error.Description, StringComparison.Ordinal);
    }
}
