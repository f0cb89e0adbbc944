using System.Globalization;
using Amqp;
using Amqp.Framing;
using Amqp.Listener;
using Amqp.Types;
using Kixo.EventHubsEmulator.Storage;

namespace Kixo.EventHubsEmulator.Links;

/// <summary>A link that a client reads a partition on: sends what the partition's file holds from a position on, as credit allows.</summary>
internal sealed class EventFeed(ListenerLink link, PartitionLog log, TimeProvider clock)
{
    /// <summary>A receiver that desires this gets the partition's end with each event.</summary>
    public static readonly Symbol RuntimeMetric = new("com.microsoft:enable-receiver-runtime-metric");

    public void Open(CreditedSender sender, long position, bool withRuntime) => _ = RunAsync(sender, position, withRuntime);

    private async Task RunAsync(CreditedSender sender, long position, bool withRuntime)
    {
        try
        {
            while (true)
            {
                await sender.ReadyAsync();
                if (position >= log.End.Position)
                {
                    sender.NothingToSend();
                }

                var stored = await log.ReadAsync(position, sender.Closed);
                if (sender.TrySend(EventMessage.Pack(stored, withRuntime ? Runtime() : null)))
                {
                    position = stored.Next;
                }
            }
        }
        catch (Exception exception) when (exception is OperationCanceledException or AmqpException or ObjectDisposedException)
        {
            // The client has gone, or the emulator is closing.
        }
        catch (Exception exception)
        {
            link.Close(TimeSpan.Zero, new Error(ErrorCode.InternalError) { Description = exception.Message });
        }
    }

    private DeliveryAnnotations Runtime()
    {
        var end = log.End;
        return new()
        {
            [new Symbol("last_enqueued_sequence_number")] = end.SequenceNumber,
            [new Symbol("last_enqueued_offset")] = end.Offset.ToString(CultureInfo.InvariantCulture),
            [new Symbol("last_enqueued_time_utc")] = DateTimeOffset.FromUnixTimeMilliseconds(end.EnqueuedMilliseconds).UtcDateTime,
            [new Symbol("runtime_info_retrieval_time_utc")] = clock.GetUtcNow().UtcDateTime,
        };
    }
}
