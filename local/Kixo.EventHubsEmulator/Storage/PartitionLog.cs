using System.Threading.Channels;

namespace Kixo.EventHubsEmulator.Storage;

/// <summary>
/// One partition: an append-only row of segment files. An append completes once the operating system, or the disk, has
/// the bytes: what it confirmed outlives the process. Any number of threads may append and read; one loop writes.
/// </summary>
internal sealed class PartitionLog : IAsyncDisposable
{
    /// <summary>Appends that wait are written together up to about this size.</summary>
    private const int GroupBytes = 4 * 1024 * 1024;

    private static readonly TimeSpan RetentionCheck = TimeSpan.FromMinutes(1);

    private readonly SegmentRow _segments;
    private readonly TimeProvider _clock;
    private readonly LogOptions _options;
    private readonly Channel<Append> _appends = Channel.CreateUnbounded<Append>(new() { SingleReader = true });
    private readonly Flusher? _flusher;
    private readonly ITimer _retention;
    private readonly Task _writing;
    private long _eventsRead;
    private volatile LogEnd _end; // set by the writing loop only
    private volatile TaskCompletionSource _grown = NewSignal();

    private PartitionLog(SegmentRow segments, LogEnd end, LogOptions options, TimeProvider clock)
    {
        (_segments, _end, _options, _clock) = (segments, end, options, clock);
        _flusher = options.FlushInterval is { } interval && interval > TimeSpan.Zero ? new(segments, interval, options.Report, clock) : null;
        _retention = clock.CreateTimer(_ => _appends.Writer.TryWrite(new([])), null, RetentionCheck, RetentionCheck);
        _writing = Task.Run(WriteAppendsAsync);
    }

    public LogEnd End => _end;

    /// <summary>The offset of the oldest event that is kept; <see cref="LogEnd.Position"/> when there is none.</summary>
    public long Begin => _segments.First.BaseOffset;

    /// <summary>The sequence number of the oldest event that is kept, or of the next when there is none.</summary>
    public long BeginSequenceNumber => _segments.First.BaseSequence;

    /// <summary>Events that readers got since the start, counted for each.</summary>
    public long EventsRead => Volatile.Read(ref _eventsRead);

    public bool IsEmpty => Begin == _end.Position;

    /// <summary>Opens or creates the partition of a folder; what a killed process left half-written at its end is cut off.</summary>
    /// <exception cref="InvalidDataException">Events before the end are damaged or missing.</exception>
    public static PartitionLog Open(string folder, LogOptions options, TimeProvider clock)
    {
        var segments = SegmentRow.Open(folder, options.Report, out var end);
        return new(segments, end, options, clock);
    }

    /// <summary>Appends the events side by side. Order among callers is that of their calls.</summary>
    /// <exception cref="IOException">Nothing of it was kept.</exception>
    public Task AppendAsync(IReadOnlyList<NewEvent> events)
    {
        var append = new Append(events);
        return _appends.Writer.TryWrite(append) ? append.Task : throw new ObjectDisposedException(nameof(PartitionLog));
    }

    /// <summary>The first event at an offset or, when that is no longer kept, the oldest that is. Waits for it.</summary>
    /// <exception cref="InvalidDataException">The event is damaged.</exception>
    public async ValueTask<StoredEvent> ReadAsync(long offset, CancellationToken cancellationToken)
    {
        while (true)
        {
            offset = Math.Max(offset, Begin);
            for (var grown = _grown; offset >= _end.Position; grown = _grown)
            {
                await grown.Task.WaitAsync(cancellationToken);
            }

            try
            {
                if (_segments.At(offset) is { } segment)
                {
                    var stored = segment.Read(offset);
                    Interlocked.Increment(ref _eventsRead);
                    return stored;
                }
            }
            catch (ObjectDisposedException) when (offset < Begin)
            {
                // Retention has deleted it just now.
            }
            catch (InvalidDataException exception)
            {
                _options.Report(exception.Message);
                throw;
            }
        }
    }

    /// <summary>The offset of the first event that <paramref name="start"/> admits; the end when there is none yet.</summary>
    /// <exception cref="InvalidDataException">A record on the way is damaged.</exception>
    public long Find(StartPosition start)
    {
        while (true)
        {
            var (begin, end) = (Begin, _end.Position);
            try
            {
                return start.At switch
                {
                    StartAt.Beginning => begin,
                    StartAt.End => end,
                    _ => Math.Min(_segments.Find(start), end),
                };
            }
            catch (ObjectDisposedException) when (begin < Begin)
            {
                // Retention has deleted it just now.
            }
        }
    }

    /// <summary>Writes what was handed in before, then closes the files.</summary>
    public async ValueTask DisposeAsync()
    {
        await _retention.DisposeAsync();
        _appends.Writer.TryComplete();
        await _writing;
        if (_flusher is not null)
        {
            await _flusher.DisposeAsync();
        }

        _segments.Dispose();
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
                Write([.. group.SelectMany(append => append.Events)]);
                group.ForEach(append => append.SetResult());
            }
            catch (Exception exception)
            {
                group.ForEach(append => append.SetException(exception));
            }

            group.Clear();
            Retain();
        }
    }

    private void Write(List<NewEvent> events)
    {
        if (events.Count == 0)
        {
            return;
        }

        var end = _end;
        // Never backwards, so that the enqueued time can be searched like the sequence number.
        var now = Math.Max(_clock.GetUtcNow().ToUnixTimeMilliseconds(), end.EnqueuedMilliseconds);
        var buffers = new List<ReadOnlyMemory<byte>>(2 * events.Count);
        var entries = new List<IndexEntry>(events.Count);
        foreach (var @event in events)
        {
            var head = RecordHeader.Encode(end.SequenceNumber + 1, now, @event);
            buffers.Add(head);
            buffers.Add(@event.Message);
            end = new(end.Position + head.Length + @event.Message.Length, end.SequenceNumber + 1, end.Position, now);
            entries.Add(new(end.Offset, end.SequenceNumber, now));
        }

        if (!_segments.Last.IsEmpty && end.Position - _segments.Last.BaseOffset > _options.SegmentBytes)
        {
            _segments.Roll(_end, flush: _options.FlushInterval is not null);
        }

        _segments.Last.Append(buffers, entries, end.Position, flush: _options.FlushInterval == TimeSpan.Zero);
        _flusher?.Written();
        _end = end;
        Interlocked.Exchange(ref _grown, NewSignal()).SetResult();
    }

    private void Retain()
    {
        try
        {
            _segments.Retain(_end, _options, _clock.GetUtcNow());
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            _options.Report($"Old events could not be deleted: {exception.Message}");
        }
    }

    private static TaskCompletionSource NewSignal() => new(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <summary>Events that wait for the writing loop.</summary>
    private sealed class Append(IReadOnlyList<NewEvent> events)
        : TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously)
    {
        public IReadOnlyList<NewEvent> Events { get; } = events;

        public long Bytes { get; } = events.Sum(@event => (long)@event.Message.Length);
    }
}
