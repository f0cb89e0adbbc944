using Amqp;
using Amqp.Types;
using Kixo.EventHubsEmulator;
using Kixo.Tests.Support;
using static Kixo.Tests.EventHubsEmulator.AmqpClient;

namespace Kixo.Tests.EventHubsEmulator;

/// <summary>A test with a running emulator, which has hub <c>events</c> with two partitions, and a client of it.</summary>
public abstract class EmulatorTest : IAsyncLifetime, IDisposable
{
    protected const string Reader = "events/ConsumerGroups/$Default/Partitions/";

    private protected TestFolder Folder { get; } = new();

    private protected Emulator Running { get; private set; } = null!;

    private protected AmqpClient Client { get; private set; } = null!;

    public virtual async Task InitializeAsync() => await StartAsync();

    public virtual async Task DisposeAsync() => await StopAsync();

    public void Dispose()
    {
        Folder.Dispose();
        GC.SuppressFinalize(this);
    }

    protected async Task StartAsync()
    {
        var options = new EmulatorOptions { Port = 0, DataFolder = Folder.Path, Hubs = [new("events", 2)] };
        Running = await Emulator.StartAsync(options, TimeProvider.System, CancellationToken.None);
        Client = await ConnectAsync(Running.Port);
    }

    protected async Task StopAsync()
    {
        await Running.DisposeAsync();
        await Client.DisposeAsync();
    }

    protected Task<Message> ReadAsync(string type, string name, string partition = "") =>
        Client.RequestAsync("$management", ("operation", "READ"), ("type", type), ("name", name), ("partition", partition));

    private protected static async Task<object> NameAsync(AmqpClient client) =>
        ((Map)(await client.RequestAsync("$management", ("operation", "READ"), ("type", "com.microsoft:eventhub"), ("name", "events"))).Body)["name"];

    protected static long SequenceNumber(Message message) => (long)message.MessageAnnotations[new Symbol("x-opt-sequence-number")];
}
