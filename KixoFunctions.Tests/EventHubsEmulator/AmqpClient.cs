using Amqp;
using Amqp.Framing;
using Amqp.Sasl;
using Amqp.Types;

namespace Kixo.Tests.EventHubsEmulator;

/// <summary>A client as the Event Hubs clients speak, on one connection.</summary>
internal sealed class AmqpClient : IAsyncDisposable
{
    public static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    private static readonly Symbol FilterName = new("apache.org:selector-filter:string");

    private AmqpClient(Connection connection)
    {
        Connection = connection;
        Session = new(connection);
    }

    public Connection Connection { get; }

    public Session Session { get; private set; }

    public static async Task<AmqpClient> ConnectAsync(int port, SaslProfile? sasl = null)
    {
        var factory = new ConnectionFactory();
        factory.SASL.Profile = sasl ?? SaslProfile.Anonymous;
        return new(await factory.CreateAsync(new Address($"amqp://127.0.0.1:{port}")).WaitAsync(Patience));
    }

    public void NewSession() => Session = new(Connection);

    public async Task SendAsync(string address, params Message[] messages)
    {
        var sender = new SenderLink(Session, NewName(), address);
        await Task.WhenAll(messages.Select(message => sender.SendAsync(message))).WaitAsync(Patience);
        await sender.CloseAsync();
    }

    /// <summary>Attaches a receiver and waits for the emulator's answer.</summary>
    public async Task<ReceiverLink> AttachReceiverAsync(
        string address, string filter = "amqp.annotation.x-opt-offset > '-1'", long? epoch = null, params Symbol[] desired)
    {
        var attach = new Attach
        {
            Source = new Source { Address = address, FilterSet = new Map { [FilterName] = new DescribedValue(FilterName, filter) } },
            Target = new Target { Address = "me" },
            DesiredCapabilities = desired.Length == 0 ? null : desired,
        };
        if (epoch is not null)
        {
            attach.Properties = new Fields { [new Symbol("com.microsoft:epoch")] = epoch };
        }

        var attached = new TaskCompletionSource();
        var receiver = new ReceiverLink(Session, NewName(), attach, (_, _) => attached.TrySetResult());
        await attached.Task.WaitAsync(Patience);
        return receiver;
    }

    /// <summary>Receives as many messages, and sees that no further one is there.</summary>
    public async Task<List<Message>> ReceiveAsync(string address, int count, string filter = "amqp.annotation.x-opt-offset > '-1'")
    {
        var receiver = await AttachReceiverAsync(address, filter);
        receiver.SetCredit(100);
        var messages = await TakeAsync(receiver, count);
        Assert.Null(await receiver.ReceiveAsync(TimeSpan.FromMilliseconds(100)));
        await receiver.CloseAsync();
        return messages;
    }

    public static async Task<List<Message>> TakeAsync(ReceiverLink receiver, int count)
    {
        var messages = new List<Message>();
        while (messages.Count < count)
        {
            var message = await receiver.ReceiveAsync(Patience);
            Assert.NotNull(message);
            receiver.Accept(message);
            messages.Add(message);
        }

        return messages;
    }

    /// <summary>Sends a request to a node and returns its answer.</summary>
    public async Task<Message> RequestAsync(string node, params (string Name, object Value)[] properties)
    {
        var replyTo = NewName();
        var receiver = new ReceiverLink(Session, NewName(), new Attach { Source = new Source { Address = node }, Target = new Target { Address = replyTo } }, null);
        receiver.SetCredit(1);
        var request = new Message { Properties = new() { MessageId = NewName(), ReplyTo = replyTo }, ApplicationProperties = new() };
        foreach (var (name, value) in properties)
        {
            request.ApplicationProperties[name] = value;
        }

        await SendAsync(node, request);
        var reply = Assert.Single(await TakeAsync(receiver, 1));
        Assert.Equal(request.Properties.MessageId, reply.Properties.CorrelationId);
        await receiver.CloseAsync();
        return reply;
    }

    /// <summary>What the emulator closes a link or session with.</summary>
    public static async Task<Error> ErrorOfAsync(AmqpObject link)
    {
        var closed = new TaskCompletionSource<Error>();
        link.AddClosedCallback((_, error) => closed.TrySetResult(error));
        return await closed.Task.WaitAsync(Patience);
    }

    public static Message Event(byte[] body, string? key = null)
    {
        var message = new Message { BodySection = new Data { Binary = body } };
        if (key is not null)
        {
            message.MessageAnnotations = new() { [new Symbol("x-opt-partition-key")] = key };
        }

        return message;
    }

    /// <summary>A batch as the clients send it: each event encoded whole in a data section of its own.</summary>
    public static Message Batch(params Message[] events)
    {
        var sections = new DataList();
        foreach (var @event in events)
        {
            var encoded = @event.Encode();
            sections.Add(new Data { Binary = encoded.Buffer.AsSpan(encoded.Offset, encoded.Length).ToArray() });
        }

        return new() { Format = 0x80013700, MessageAnnotations = events[0].MessageAnnotations, BodySection = sections };
    }

    public async ValueTask DisposeAsync()
    {
        try
        {
            await Connection.CloseAsync(TimeSpan.FromSeconds(1), null);
        }
        catch (Exception exception) when (exception is AmqpException or TimeoutException)
        {
            // The emulator was closed first.
        }
    }

    private static string NewName() => Guid.NewGuid().ToString("N");
}
