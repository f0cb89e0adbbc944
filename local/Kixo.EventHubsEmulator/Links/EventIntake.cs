using Amqp;
using Amqp.Framing;
using Amqp.Listener;
using Kixo.EventHubsEmulator.Hubs;

namespace Kixo.EventHubsEmulator.Links;

/// <summary>A link that clients send events on. Accepts a message once its partition has written it.</summary>
internal sealed class EventIntake(ListenerLink link, Func<string?, Partition> route)
{
    /// <summary>Messages a client may have on the way: bounds what waits in memory to be written.</summary>
    private const uint Credit = 300;

    public void Open() => link.InitializeReceiver(Credit, (_, message, _, _) => _ = StoreAsync((RawMessage)message), null);

    // Runs on the connection's thread until the append is queued: messages of one link keep their order.
    private async Task StoreAsync(RawMessage message)
    {
        try
        {
            var outcome = await AppendAsync(message);
            link.DisposeMessage(message, outcome, settled: true);
        }
        catch (Exception exception) when (exception is AmqpException or ObjectDisposedException)
        {
            // The client has gone, or the emulator is closing: either way no one is told that the message was accepted.
        }
    }

    private async Task<Outcome> AppendAsync(RawMessage message)
    {
        if (message.Bytes.Length > EventMessage.MaxBytes)
        {
            return Reject(ErrorCode.MessageSizeExceeded,
                $"The received message (size:{message.Bytes.Length} bytes) exceeds the limit ({EventMessage.MaxBytes} bytes) currently allowed on the link.");
        }

        try
        {
            var events = EventMessage.Unpack(message);
            await route(EventMessage.RoutingKey(message, events)).Log.AppendAsync(events);
            return new Accepted();
        }
        catch (InvalidDataException exception)
        {
            return Reject(ErrorCode.DecodeError, exception.Message);
        }
        catch (IOException exception)
        {
            return Reject(ErrorCode.InternalError, $"The event could not be written: {exception.Message}");
        }
    }

    private static Rejected Reject(string condition, string description) =>
        new() { Error = new Error(condition) { Description = description } };
}
