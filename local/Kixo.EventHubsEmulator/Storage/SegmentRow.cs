namespace Kixo.EventHubsEmulator.Storage;

/// <summary>A partition's segments, oldest first, never none. Changed by the partition's writing loop only; read by any thread.</summary>
internal sealed class SegmentRow : IDisposable
{
    private readonly string _folder;
    private volatile Segment[] _segments;

    private SegmentRow(string folder, Segment[] segments) => (_folder, _segments) = (folder, segments);

    public Segment First => _segments[0];

    public Segment Last => _segments[^1];

    /// <summary>Opens what a folder holds, and cuts off what an interrupted write has left at its end.</summary>
    /// <exception cref="InvalidDataException">Events before the end are damaged or missing.</exception>
    public static SegmentRow Open(string folder, Action<string> report, out LogEnd end)
    {
        var segments = Segment.OpenAll(folder);
        if (segments.Count == 0)
        {
            segments.Add(Segment.Create(folder, 0, 0));
        }

        var row = new SegmentRow(folder, [.. segments]);
        try
        {
            end = row.Recover(report);
            return row;
        }
        catch
        {
            row.Dispose();
            throw;
        }
    }

    /// <summary>The segment that an offset stands in; null when it is no longer kept.</summary>
    public Segment? At(long offset)
    {
        var segments = _segments;
        var segment = segments[LastIndex(segments, segment => segment.BaseOffset <= offset)];
        return segment.BaseOffset <= offset ? segment : null;
    }

    /// <summary>The offset of the first event that <paramref name="start"/> admits, or the end.</summary>
    public long Find(StartPosition start)
    {
        // The one before the first segment that begins with an admitted event may hold admitted ones too.
        var segments = _segments;
        return segments[LastIndex(segments, segment => segment.First() is { } first && !start.Admits(first))].Find(start);
    }

    /// <summary>Goes on in a new file.</summary>
    public void Roll(LogEnd end, bool flush)
    {
        if (flush)
        {
            Last.Flush();
        }

        _segments = [.. _segments, Segment.Create(_folder, end.Position, end.SequenceNumber + 1)];
    }

    /// <summary>Deletes the oldest segments: those with only events past their age, and while there are too many bytes. The one that is written stays, or gives way to an empty one.</summary>
    public void Retain(LogEnd end, LogOptions options, DateTimeOffset now)
    {
        while (IsDue(end, options, now))
        {
            if (First == Last)
            {
                Roll(end, flush: false);
            }

            var oldest = First;
            _segments = _segments[1..];
            oldest.Delete();
        }
    }

    public void Dispose() => Array.ForEach(_segments, segment => segment.Dispose());

    private bool IsDue(LogEnd end, LogOptions options, DateTimeOffset now) =>
        (options.MaxAge is { } age && !First.IsEmpty && First.NewestMilliseconds < (now - age).ToUnixTimeMilliseconds())
        || (options.MaxBytes is { } most && First != Last && end.Position - First.BaseOffset > most);

    private LogEnd Recover(Action<string> report)
    {
        foreach (var (segment, next) in _segments.Zip(_segments.Skip(1)))
        {
            if (segment.End != next.BaseOffset)
            {
                throw new InvalidDataException(
                    $"{segment.Path} should have {next.BaseOffset - segment.BaseOffset} bytes and has {segment.End - segment.BaseOffset}: stored events are missing. Restore it, or move the partition's folder away to begin anew.");
            }
        }

        var end = CutTornTail(report);
        foreach (var (segment, next) in _segments.Zip(_segments.Skip(1).Append(null)))
        {
            segment.NewestMilliseconds = next?.First()?.EnqueuedMilliseconds ?? end.EnqueuedMilliseconds;
        }

        return end;
    }

    private LogEnd CutTornTail(Action<string> report)
    {
        var whole = Last.WholeUntil(out var last);
        if (whole < Last.End)
        {
            var sequence = last?.SequenceNumber + 1 ?? Last.BaseSequence;
            if (Last.HasWholeRecordBehind(whole, sequence))
            {
                throw new InvalidDataException(
                    $"{Last.Path} is damaged at byte {whole - Last.BaseOffset}, where the event with sequence number {sequence} should be; whole events follow. Restore it, or cut it there to do without them.");
            }

            report($"{Last.Path}: cut off {Last.End - whole} bytes at its end, which an interrupted write has left; the last event has sequence number {sequence - 1}.");
            Last.Truncate(whole);
        }

        last ??= _segments.Length > 1 ? _segments[^2].Last() : null;
        return new(Last.End, last?.SequenceNumber ?? Last.BaseSequence - 1, last?.Offset ?? -1, last?.EnqueuedMilliseconds ?? 0);
    }

    private static int LastIndex(Segment[] segments, Predicate<Segment> before)
    {
        var (low, high) = (0, segments.Length);
        while (low < high)
        {
            var middle = (low + high) / 2;
            (low, high) = before(segments[middle]) ? (middle + 1, high) : (low, middle);
        }

        return Math.Max(0, low - 1);
    }
}
