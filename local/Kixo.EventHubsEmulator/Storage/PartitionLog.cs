using System.Text;
using System.Threading.Channels;
using Microsoft.Win32.SafeHandles;

namespace Kixo.EventHubsEmulator.Storage;

/// <summary>
/// One partition: an append-only file of events. An append completes once the operating system has the bytes, so what it
/// confirmed outlives the process. An event's offset is its record's position in the file. Any number of threads may
/// append and read; one loop writes.
/// </summary>
internal sealed class PartitionLog : IAsyncDisposable
{
    /// <summary>Appends that wait are written together up to about this size.</summary>
    private const int GroupBytes = 4 * 1024 * 1024;

    private readonly SafeFileHandle _file;
    private readonly TimeProvider _clock;
    private readonly SparseIndex _index = new();
    private readonly Channel<Append> _appends = Channel.CreateUnbounded<Append>(new() { SingleReader = true });
    private readonly Task _writing;
    private volatile LogEnd _end = LogEnd.Empty; // set by the writing loop only
    private volatile TaskCompletionSource _grown = NewSignal();

    private PartitionLog(SafeFileHandle file, TimeProvider clock)
    {
        _file = file;
        _clock = clock;
        CutTornTail();
        _writing = Task.Run(WriteAppendsAsync);
    }

    public LogEnd End => _end;

    /// <summary>Opens or creates the file; what a killed process left half-written at its end is cut off.</summary>
    public static PartitionLog Open(string path, TimeProvider clock) =>
        new(File.OpenHandle(path, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.Read), clock);

    /// <summary>Appends the events side by side. Order among callers is that of their calls.</summary>
    /// <exception cref="IOException">Nothing of it was kept.</exception>
    public Task AppendAsync(IReadOnlyList<NewEvent> events)
    {
        var append = new Append(events);
        return _appends.Writer.TryWrite(append) ? append.Task : throw new ObjectDisposedException(nameof(PartitionLog));
    }

    /// <summary>The event at a position below <see cref="LogEnd.Position"/>, and the position after it.</summary>
    public StoredEvent Read(long position, out long next)
    {
        var header = ReadHeader(position);
        var rest = new byte[header.Length - RecordHeader.Size];
        ReadExactly(rest, position + RecordHeader.Size);
        next = position + header.Length;
        return new(
            header.SequenceNumber,
            position,
            DateTimeOffset.FromUnixTimeMilliseconds(header.EnqueuedMilliseconds),
            header.KeyLength == 0 ? null : Encoding.UTF8.GetString(rest, 0, header.KeyLength),
            rest.AsMemory(header.KeyLength));
    }

    /// <summary>The position of the first event that <paramref name="start"/> admits; the end when there is none yet.</summary>
    public long Find(StartPosition start)
    {
        var end = _end.Position;
        if (start.At is StartAt.Beginning or StartAt.End)
        {
            return start.At is StartAt.Beginning ? 0 : end;
        }

        var position = _index.Before(start);
        while (position < end && ReadHeader(position) is var header && !start.Admits(Entry(position, header)))
        {
            position += header.Length;
        }

        return position;
    }

    /// <summary>Completes once there is an event at <paramref name="position"/>.</summary>
    public async ValueTask WaitForEventAsync(long position, CancellationToken cancellationToken)
    {
        for (var grown = _grown; position >= _end.Position; grown = _grown)
        {
            await grown.Task.WaitAsync(cancellationToken);
        }
    }

    /// <summary>Writes what was handed in before, then closes the file.</summary>
    public async ValueTask DisposeAsync()
    {
        _appends.Writer.TryComplete();
        await _writing;
        _file.Dispose();
    }

    private async Task WriteAppendsAsync()
    {
        var group = new List<Append>();
        while (await _appends.Reader.WaitToReadAsync())
        {
            for (var bytes = 0L; bytes < GroupBytes && _appends.Reader.TryRead(out var append); bytes += append.Bytes)
            {
                group.Add(append);
            }

            try
            {
                Write(group);
                group.ForEach(append => append.SetResult());
            }
            catch (Exception exception)
            {
                group.ForEach(append => append.SetException(exception));
            }

            group.Clear();
        }
    }

    private void Write(List<Append> group)
    {
        var end = _end;
        var start = end.Position;
        // Never backwards, so that the enqueued time can be searched like the sequence number.
        var now = Math.Max(_clock.GetUtcNow().ToUnixTimeMilliseconds(), end.EnqueuedMilliseconds);
        var buffers = new List<ReadOnlyMemory<byte>>();
        var entries = new List<IndexEntry>();
        foreach (var @event in group.SelectMany(append => append.Events))
        {
            var head = RecordHeader.Encode(end.SequenceNumber + 1, now, @event);
            buffers.Add(head);
            buffers.Add(@event.Message);
            end = new(end.Position + head.Length + @event.Message.Length, end.SequenceNumber + 1, end.Position, now);
            entries.Add(new(end.Offset, end.SequenceNumber, now));
        }

        try
        {
            RandomAccess.Write(_file, buffers, start);
        }
        catch
        {
            RandomAccess.SetLength(_file, start);
            throw;
        }

        entries.ForEach(_index.Offer);
        _end = end;
        Interlocked.Exchange(ref _grown, NewSignal()).SetResult();
    }

    private void CutTornTail()
    {
        var length = RandomAccess.GetLength(_file);
        var record = Array.Empty<byte>();
        while (_end.Position + RecordHeader.Size <= length)
        {
            var position = _end.Position;
            var header = ReadHeader(position);
            if (!header.IsPlausible || header.Length > length - position || header.SequenceNumber != _end.SequenceNumber + 1)
            {
                break;
            }

            Array.Resize(ref record, Math.Max(record.Length, header.Length));
            ReadExactly(record.AsSpan(0, header.Length), position);
            if (RecordHeader.ChecksumOf(record.AsSpan(0, header.Length), []) != header.Checksum)
            {
                break;
            }

            _index.Offer(Entry(position, header));
            _end = new(position + header.Length, header.SequenceNumber, position, header.EnqueuedMilliseconds);
        }

        if (_end.Position < length)
        {
            RandomAccess.SetLength(_file, _end.Position);
        }
    }

    private RecordHeader ReadHeader(long position)
    {
        Span<byte> head = stackalloc byte[RecordHeader.Size];
        ReadExactly(head, position);
        return RecordHeader.Decode(head);
    }

    private void ReadExactly(Span<byte> buffer, long position)
    {
        while (buffer.Length > 0)
        {
            var read = RandomAccess.Read(_file, buffer, position);
            if (read == 0)
            {
                throw new EndOfStreamException("A partition's file became shorter while it was in use.");
            }

            buffer = buffer[read..];
            position += read;
        }
    }

    private static IndexEntry Entry(long position, RecordHeader header) =>
        new(position, header.SequenceNumber, header.EnqueuedMilliseconds);

    private static TaskCompletionSource NewSignal() => new(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <summary>Events that wait for the writing loop.</summary>
    private sealed class Append(IReadOnlyList<NewEvent> events)
        : TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously)
    {
        public IReadOnlyList<NewEvent> Events { get; } = events;

        public long Bytes { get; } = events.Sum(@event => (long)@event.Message.Length);
    }
}
