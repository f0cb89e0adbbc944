using Amqp;
using Amqp.Framing;
using Amqp.Listener;
using Kixo.EventHubsEmulator.Hubs;
using Kixo.EventHubsEmulator.Storage;
using Kixo.EventHubsEmulator.Wire;

namespace Kixo.EventHubsEmulator.Links;

/// <summary>A link that clients send events on. Accepts a message once its partition has written it.</summary>
internal sealed class EventIntake(ListenerLink link, Func<string?, Partition> route)
{
    /// <summary>Messages a client may have on the way: bounds what waits in memory to be written.</summary>
    private const uint Credit = 300;

    /// <summary>What a message weighs in memory beyond its bytes, so that many small ones count too.</summary>
    private const int Overhead = 1024;

    private readonly Backlog _intake = Transport.Of(link.Session.Connection).Intake;

    public void Open() => link.InitializeReceiver(Credit, (_, message, _, _) => _ = StoreAsync((RawMessage)message), null);

    // Runs on the connection's thread until the append is queued: messages of one link keep their order.
    private async Task StoreAsync(RawMessage message)
    {
        _intake.Add(message.Bytes.Length + Overhead);
        try
        {
            var outcome = await AppendAsync(message);
            link.DisposeMessage(message, outcome, settled: true);
        }
        catch (Exception exception) when (exception is AmqpException or ObjectDisposedException)
        {
            // The client has gone, or the emulator is closing: either way no one is told that the message was accepted.
        }
        finally
        {
            _intake.Remove(message.Bytes.Length + Overhead);
        }
    }

    private async Task<Outcome> AppendAsync(RawMessage message)
    {
        if (message.Bytes.Length > EventMessage.MaxBytes)
        {
            return Reject(ErrorCode.MessageSizeExceeded,
                $"The received message (size: at least {message.Bytes.Length} bytes) exceeds the limit ({EventMessage.MaxBytes} bytes) currently allowed on the link.");
        }

        NewEvent[] events;
        Partition partition;
        try
        {
            events = EventMessage.Unpack(message);
            partition = route(EventMessage.RoutingKey(message, events));
        }
        catch (Exception exception)
        {
            // AMQPNetLite's decoder has no one exception for bytes that are not AMQP.
            return Reject(ErrorCode.DecodeError, exception.Message);
        }

        try
        {
            await partition.Log.AppendAsync(events);
            return new Accepted();
        }
        catch (Exception exception) when (exception is not ObjectDisposedException)
        {
            return Reject(ErrorCode.InternalError, $"The event could not be written: {exception.Message}");
        }
    }

    private static Rejected Reject(string condition, string description) =>
        new() { Error = new Error(condition) { Description = description } };
}
