using System.Globalization;
using System.Text;
using System.Text.RegularExpressions;
using Microsoft.Win32.SafeHandles;

namespace Kixo.EventHubsEmulator.Storage;

/// <summary>
/// One file of a partition: records side by side, named by the offset and sequence number of its first. Offsets count
/// through all files. One thread appends, any number read; all offsets here are the partition's.
/// </summary>
internal sealed partial class Segment : IDisposable
{
    private readonly SafeFileHandle _file;
    private readonly SparseIndex _index = new();
    private long _end;

    private Segment(string path, FileMode mode, long baseOffset, long baseSequence)
    {
        Path = path;
        (BaseOffset, BaseSequence) = (baseOffset, baseSequence);
        _file = File.OpenHandle(path, mode, FileAccess.ReadWrite, FileShare.Read | FileShare.Delete);
        _end = baseOffset + RandomAccess.GetLength(_file);
    }

    public string Path { get; }

    public long BaseOffset { get; }

    public long BaseSequence { get; }

    /// <summary>The offset behind its last record.</summary>
    public long End => Volatile.Read(ref _end);

    public bool IsEmpty => End == BaseOffset;

    /// <summary>No event in it is newer. Set by the writer.</summary>
    public long NewestMilliseconds { get; set; }

    public static Segment Create(string folder, long baseOffset, long baseSequence) => new(
        System.IO.Path.Combine(folder, string.Create(CultureInfo.InvariantCulture, $"{baseOffset:D20}-{baseSequence:D20}.log")),
        FileMode.CreateNew, baseOffset, baseSequence);

    /// <summary>The segments that a folder holds, in order.</summary>
    public static List<Segment> OpenAll(string folder) =>
    [
        .. from file in Directory.EnumerateFiles(folder)
           let name = Name().Match(System.IO.Path.GetFileName(file))
           where name.Success
           let segment = new Segment(file, FileMode.Open, Number(name.Groups["offset"]), Number(name.Groups["sequence"]))
           orderby segment.BaseOffset
           select segment,
    ];

    /// <summary>Writes records behind the last.</summary>
    /// <exception cref="IOException">None of it was kept.</exception>
    public void Append(IReadOnlyList<ReadOnlyMemory<byte>> buffers, List<IndexEntry> entries, long end, bool flush)
    {
        try
        {
            RandomAccess.Write(_file, buffers, _end - BaseOffset);
            if (flush)
            {
                Flush();
            }
        }
        catch
        {
            Truncate(_end);
            throw;
        }

        entries.ForEach(_index.Offer);
        NewestMilliseconds = entries[^1].EnqueuedMilliseconds;
        Volatile.Write(ref _end, end);
    }

    /// <summary>Forces what was written to the disk.</summary>
    public void Flush() => RandomAccess.FlushToDisk(_file);

    public void Truncate(long end)
    {
        RandomAccess.SetLength(_file, end - BaseOffset);
        Volatile.Write(ref _end, end);
    }

    /// <exception cref="InvalidDataException">The record is damaged.</exception>
    public StoredEvent Read(long offset)
    {
        var header = Header(offset) ?? throw Damage(offset);
        var rest = GC.AllocateUninitializedArray<byte>(header.Length - RecordHeader.Size);
        return HasChecksum(offset, header, rest)
            ? new(
                header.SequenceNumber,
                offset,
                offset + header.Length,
                DateTimeOffset.FromUnixTimeMilliseconds(header.EnqueuedMilliseconds),
                header.KeyLength == 0 ? null : Encoding.UTF8.GetString(rest, 0, header.KeyLength),
                rest.AsMemory(header.KeyLength))
            : throw Damage(offset);
    }

    /// <summary>The offset of the first event that <paramref name="start"/> admits, or the end.</summary>
    /// <exception cref="InvalidDataException">A record on the way is damaged.</exception>
    public long Find(StartPosition start) =>
        Walk(_index.Before(start) ?? BaseOffset).Where(start.Admits).Select(entry => (long?)entry.Offset).FirstOrDefault() ?? End;

    public IndexEntry? First() => IsEmpty ? null : Walk(BaseOffset).First();

    public IndexEntry? Last() => IsEmpty ? null : Walk(BaseOffset).Last();

    /// <summary>The offset behind the whole records from the beginning on; an intact segment's end.</summary>
    public long WholeUntil(out IndexEntry? last)
    {
        last = null;
        var (offset, sequence) = (BaseOffset, BaseSequence);
        var rest = Array.Empty<byte>();
        while (Header(offset) is { } header && header.SequenceNumber == sequence)
        {
            Array.Resize(ref rest, Math.Max(rest.Length, header.Length - RecordHeader.Size));
            if (!HasChecksum(offset, header, rest.AsSpan(0, header.Length - RecordHeader.Size)))
            {
                break;
            }

            last = new(offset, sequence++, header.EnqueuedMilliseconds);
            _index.Offer(last.Value);
            offset += header.Length;
        }

        return offset;
    }

    /// <summary>
    /// Whether a whole record of a later sequence number stands anywhere behind an offset that has none: then the file was
    /// damaged in its midst, while an interrupted write leaves nothing whole behind.
    /// </summary>
    public bool HasWholeRecordBehind(long offset, long sequence)
    {
        const int Window = 64 * 1024;
        var window = new byte[Window + RecordHeader.Size];
        for (var start = offset + 1; start + RecordHeader.Size <= End; start += Window)
        {
            var length = (int)Math.Min(window.Length, End - start);
            ReadExactly(window.AsSpan(0, length), start);
            for (var at = 0; at + RecordHeader.Size <= length && at < Window; at++)
            {
                var header = RecordHeader.Decode(window.AsSpan(at));
                var ahead = header.SequenceNumber - sequence;
                if (ahead > 0 && ahead <= (start + at - offset) / RecordHeader.Size + 1 && Fits(start + at, header)
                    && HasChecksum(start + at, header, new byte[header.Length - RecordHeader.Size]))
                {
                    return true;
                }
            }
        }

        return false;
    }

    /// <summary>Deletes the file; who reads it is told by <see cref="ObjectDisposedException"/>.</summary>
    public void Delete()
    {
        Dispose();
        File.Delete(Path);
    }

    public void Dispose() => _file.Dispose();

    private IEnumerable<IndexEntry> Walk(long offset)
    {
        for (long? expected = null; offset < End;)
        {
            if (Header(offset) is not { } header || header.SequenceNumber != (expected ?? header.SequenceNumber))
            {
                throw Damage(offset);
            }

            var entry = new IndexEntry(offset, header.SequenceNumber, header.EnqueuedMilliseconds);
            _index.Offer(entry);
            yield return entry;
            offset += header.Length;
            expected = header.SequenceNumber + 1;
        }
    }

    /// <summary>Null when there is none that could be a record's.</summary>
    private RecordHeader? Header(long offset)
    {
        if (End - offset < RecordHeader.Size)
        {
            return null;
        }

        Span<byte> head = stackalloc byte[RecordHeader.Size];
        ReadExactly(head, offset);
        var header = RecordHeader.Decode(head);
        return Fits(offset, header) ? header : null;
    }

    private bool Fits(long offset, RecordHeader header) => header.IsPlausible && header.Length <= End - offset;

    /// <summary>Fills <paramref name="rest"/> with what follows the header.</summary>
    private bool HasChecksum(long offset, RecordHeader header, Span<byte> rest)
    {
        Span<byte> head = stackalloc byte[RecordHeader.Size];
        header.Encode(head);
        ReadExactly(rest, offset + RecordHeader.Size);
        return RecordHeader.ChecksumOf(head, rest) == header.Checksum;
    }

    private void ReadExactly(Span<byte> buffer, long offset)
    {
        for (var position = offset - BaseOffset; buffer.Length > 0;)
        {
            var read = RandomAccess.Read(_file, buffer, position);
            if (read == 0)
            {
                throw Damage(offset);
            }

            buffer = buffer[read..];
            position += read;
        }
    }

    private InvalidDataException Damage(long offset) => new($"{Path} is damaged at byte {offset - BaseOffset}: what stands there is no whole event.");

    private static long Number(Group digits) => digits.Success ? long.Parse(digits.Value, CultureInfo.InvariantCulture) : 0;

    // The first file of older data folders has no sequence number in its name.
    [GeneratedRegex(@"^(?<offset>\d{20})(-(?<sequence>\d{20}))?\.log$")]
    private static partial Regex Name();
}
