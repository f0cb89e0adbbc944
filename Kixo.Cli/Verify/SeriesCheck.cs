using Azure.Storage.Blobs.Models;
using Kixo.Persistence;

namespace Kixo.Cli.Verify;

/// <summary>Checks the blobs of one series (a partition in an hour's folder) against each other: their numbers and watermarks.</summary>
internal static class SeriesCheck
{
    /// <param name="series">In the order of their numbers.</param>
    public static IEnumerable<Defect> Defects(IEnumerable<(LakeName Name, BlobItem Blob)> series)
    {
        var expected = 0;
        Watermark? last = null;
        foreach (var (name, blob) in series)
        {
            if (name.Number != expected)
            {
                var maybe = expected == 0 ? " Where a lifecycle rule deletes old blobs, in the oldest folders, that is no defect." : "";
                yield return new(blob.Name, null, $"Number {expected} of its series is missing.{maybe}");
            }

            expected = name.Number + 1;
            if (Watermark.Read(blob.Metadata) is not { } watermark)
            {
                yield return new(blob.Name, null, "It has no watermark in its metadata.");
                continue;
            }

            if (last is not null && !IsPast(watermark, last))
            {
                yield return new(blob.Name, null, "Its watermark is not past that of the one before it.");
            }

            last = watermark;
        }
    }

    // Every blob holds a message that those before it do not, so some mark has moved or come, and none has gone back.
    private static bool IsPast(Watermark next, Watermark last)
    {
        var moved = false;
        foreach (var mark in next.Marks)
        {
            var before = last.Marks.FirstOrDefault(earlier => earlier.Since == mark.Since, new(mark.Since, long.MinValue, mark.Since));
            if (mark.Sequence < before.Sequence || mark.Enqueued < before.Enqueued)
            {
                return false;
            }

            moved |= mark.Sequence > before.Sequence;
        }

        // The oldest marks are given up when there are many.
        return moved && last.Marks.All(mark => mark.Since < next.Marks[0].Since || next.Marks.Any(later => later.Since == mark.Since));
    }
}
