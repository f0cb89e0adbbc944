namespace Kixo.EventHubsEmulator.Storage;

/// <summary>One event's place in its partition, by all that a reader may ask for.</summary>
internal readonly record struct IndexEntry(long Offset, long SequenceNumber, long EnqueuedMilliseconds)
{
    public long By(StartAt at) => at switch
    {
        StartAt.Offset => Offset,
        StartAt.SequenceNumber => SequenceNumber,
        StartAt.EnqueuedTime => EnqueuedMilliseconds,
        _ => throw new ArgumentOutOfRangeException(nameof(at)),
    };
}

/// <summary>Some of a segment's events, in order, so that a search reads little of the file. Thread-safe.</summary>
internal sealed class SparseIndex
{
    /// <summary>One entry (24 bytes) for at least this many bytes of the file: 24 MB of index for 64 GB of events.</summary>
    private const long Spacing = 64 * 1024;

    private readonly List<IndexEntry> _entries = [];
    private readonly Lock _gate = new();

    public void Offer(IndexEntry entry)
    {
        lock (_gate)
        {
            if (_entries.Count == 0 || entry.Offset - _entries[^1].Offset >= Spacing)
            {
                _entries.Add(entry);
            }
        }
    }

    /// <summary>The offset from which a search for <paramref name="start"/> must read on; null for the beginning.</summary>
    public long? Before(StartPosition start)
    {
        lock (_gate)
        {
            var (low, high) = (0, _entries.Count);
            while (low < high)
            {
                var middle = (low + high) / 2;
                (low, high) = start.Admits(_entries[middle]) ? (low, middle) : (middle + 1, high);
            }

            return low == 0 ? null : _entries[low - 1].Offset;
        }
    }
}
