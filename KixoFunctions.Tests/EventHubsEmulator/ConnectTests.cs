using System.Net;
using System.Net.Sockets;
using System.Runtime.CompilerServices;
using Amqp;
using Amqp.Sasl;
using Amqp.Types;
using static Kixo.Tests.EventHubsEmulator.AmqpClient;

namespace Kixo.Tests.EventHubsEmulator;

public sealed class ConnectTests : EmulatorTest
{
    [Fact]
    public async Task Connect_AnyMechanism_IsLetIn()
    {
        foreach (var sasl in (SaslProfile[])[SaslProfile.Anonymous, new PlainProfile(), new MssbcbsProfile()])
        {
            await using var client = await ConnectAsync(Running.Port, sasl);
            Assert.Equal("events", await NameAsync(client));
        }
    }

    [Fact]
    public async Task Connect_HundredInARow_NoneStalls()
    {
        for (var number = 0; number < 100; number++)
        {
            await using var client = await ConnectAsync(Running.Port);
            Assert.Equal("events", await NameAsync(client));
        }
    }

    [Fact]
    public async Task Connect_WhileOthersSayNothing_IsServed()
    {
        using var silent = new TcpClient("127.0.0.1", Running.Port);
        using var gone = new TcpClient("127.0.0.1", Running.Port);
        gone.Close();

        await using var client = await ConnectAsync(Running.Port);

        Assert.Equal("events", await NameAsync(client));
    }

    [Fact]
    public async Task Cbs_PutToken_AcceptsWithDescription()
    {
        var reply = await Client.RequestAsync("$cbs", ("operation", "put-token"), ("type", "servicebus.windows.net:sastoken"), ("name", "sb://local/events"));

        Assert.Equal(202, reply.ApplicationProperties["status-code"]);
        Assert.IsType<string>(reply.ApplicationProperties["status-description"]);
    }

    [Fact]
    public async Task Session_BegunAnewWithoutEnd_IsServed()
    {
        await ErrorOfAsync(await Client.AttachReceiverAsync("nope/ConsumerGroups/$Default/Partitions/0"));

        LocalSessions(Client.Connection)[0] = null; // as Microsoft.Azure.Amqp leaves a session after a refused attach
        Client.NewSession();

        Assert.Equal("events", await NameAsync(Client));
    }

    [Fact]
    public async Task Connect_OverWebSockets_IsToldThatThereAreNone()
    {
        using var client = new HttpClient();

        using var response = await client.GetAsync(new Uri($"http://127.0.0.1:{Running.Port}/$servicebus/websocket"));

        Assert.Equal(HttpStatusCode.NotImplemented, response.StatusCode);
        Assert.Contains("not over WebSockets", await response.Content.ReadAsStringAsync(), StringComparison.Ordinal);
    }

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
