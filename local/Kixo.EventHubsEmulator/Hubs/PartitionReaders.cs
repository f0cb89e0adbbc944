using Amqp;
using Amqp.Framing;
using Amqp.Listener;

namespace Kixo.EventHubsEmulator.Hubs;

/// <summary>Who reads a partition. A reader with an epoch (owner level) has the partition to itself within its consumer group.</summary>
internal sealed class PartitionReaders
{
    private readonly List<Reader> _readers = [];
    private readonly Lock _gate = new();

    /// <summary>Lets the reader in and detaches those it takes the partition from.</summary>
    /// <exception cref="AmqpException">A higher epoch reads, or any epoch while the newcomer has none.</exception>
    public void Admit(string group, ListenerLink link, long? epoch)
    {
        var newcomer = new Reader(group, link, epoch);
        List<Reader> losers;
        lock (_gate)
        {
            var present = _readers.FindAll(reader => string.Equals(reader.Group, group, StringComparison.OrdinalIgnoreCase));
            if (present.Exists(reader => reader.Epoch > (epoch ?? long.MinValue)))
            {
                throw new AmqpException(ErrorCode.Stolen, "A receiver with a higher epoch reads this partition.");
            }

            losers = epoch is null ? [] : present;
            _readers.RemoveAll(losers.Contains);
            _readers.Add(newcomer);
        }

        link.AddClosedCallback((_, _) => Leave(newcomer));
        losers.ForEach(Detach);
    }

    private void Leave(Reader reader)
    {
        lock (_gate)
        {
            _readers.Remove(reader);
        }
    }

    private static void Detach(Reader loser)
    {
        try
        {
            loser.Link.Close(TimeSpan.Zero, new Error(ErrorCode.Stolen) { Description = "A receiver with a higher or equal epoch took this partition." });
        }
        catch (Exception exception) when (exception is AmqpException or ObjectDisposedException)
        {
            // Its connection went first.
        }
    }

    private sealed record Reader(string Group, ListenerLink Link, long? Epoch);
}
