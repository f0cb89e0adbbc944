using System.Collections;
using System.Text;
using Azure;
using Azure.Storage.Blobs;
using Azure.Storage.Blobs.Models;
using HdrHistogram;
using Kixo.Persistence;

namespace Kixo.Cli.Load;

/// <summary>Counts a load's events in the lake, each by its id, and how long after its acknowledgement it was there.</summary>
internal sealed class LakeTally(BlobContainerClient lake, LoadTotals totals, int eventsPerBatch, string run, TimeProvider time)
{
    private const int SignificantDigits = 3;
    private const int BufferBytes = 1 << 20; // more than any line needs

    private static readonly long LongestMilliseconds = (long)TimeSpan.FromDays(1).TotalMilliseconds;

    private readonly byte[] _run = Encoding.ASCII.GetBytes(run);
    private readonly BitArray _stored = new(totals.Requests * eventsPerBatch);
    private readonly LongHistogram _delays = new(1, LongestMilliseconds, SignificantDigits);
    private readonly byte[] _buffer = new byte[BufferBytes];

    private long _lastSeenAt;

    /// <summary>Acknowledged events that are in the lake.</summary>
    public long Stored { get; private set; }

    /// <summary>Events that are there again, as often as they are.</summary>
    public long Repeated { get; private set; }

    /// <summary>Events that are there though their answer was lost, or no 200.</summary>
    public long Unacknowledged { get; private set; }

    public long Missing => ((long)totals.Accepted * eventsPerBatch) - Stored;

    /// <summary>Milliseconds, an event each; with the interval of <see cref="LakeWatch"/> as its error.</summary>
    public HistogramBase Delays => _delays;

    /// <summary>From the last acknowledgement to when the last of the events was there; null when there were none.</summary>
    public TimeSpan? Lag => Stored == 0 ? null : time.GetElapsedTime(totals.LastAcknowledgedAt, _lastSeenAt);

    /// <summary>Counts all of a piece, or throws and has counted none of it.</summary>
    public async Task ReadAsync(LakeGrowth piece, CancellationToken cancellationToken)
    {
        if (!LakePath.TryParse(piece.Blob, out var name))
        {
            return;
        }

        var range = new BlobDownloadOptions { Range = new HttpRange(piece.From, piece.To - piece.From) };
        var content = (await lake.GetBlobClient(piece.Blob).DownloadContentAsync(range, cancellationToken)).Value.Content;
        await using var lines = name.Encoding.Decompress(content.ToStream());
        var filled = 0;
        while (await lines.ReadAsync(_buffer.AsMemory(filled), cancellationToken) is var read and > 0)
        {
            filled += read;
            var whole = _buffer.AsSpan(0, filled).LastIndexOf((byte)'\n') + 1;
            Count(_buffer.AsSpan(0, whole), piece.SeenAt);
            _buffer.AsSpan(whole, filled - whole).CopyTo(_buffer);
            filled -= whole;
        }
    }

    private void Count(ReadOnlySpan<byte> lines, long seenAt)
    {
        var beforeId = "{\"event_id\":\""u8;
        while (lines.IndexOf((byte)'\n') is var end and >= 0)
        {
            var line = lines[..end];
            lines = lines[(end + 1)..];
            if (line.StartsWith(beforeId) && line[beforeId.Length..].IndexOf((byte)'"') is var length and >= 0
                && LoadEventId.TryParse(line.Slice(beforeId.Length, length), _run, out var batch, out var index)
                && batch < totals.Requests && index < eventsPerBatch)
            {
                Count(batch, index, seenAt);
            }
        }
    }

    private void Count(int batch, int index, long seenAt)
    {
        var bit = (batch * eventsPerBatch) + index;
        if (_stored[bit])
        {
            Repeated++;
            return;
        }

        _stored[bit] = true;
        if (totals.AcknowledgedAt(batch) is var acknowledgedAt and not 0)
        {
            Stored++;
            _lastSeenAt = Math.Max(_lastSeenAt, seenAt);
            _delays.RecordValue(Math.Clamp((long)time.GetElapsedTime(acknowledgedAt, seenAt).TotalMilliseconds, 0, LongestMilliseconds));
        }
        else
        {
            Unacknowledged++;
        }
    }
}
