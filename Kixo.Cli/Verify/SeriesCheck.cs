using System.Globalization;
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
        long? last = null;
        foreach (var (name, blob) in series)
        {
            if (name.Number != expected)
            {
                yield return new(blob.Name, null, $"Number {expected} of its series is missing.");
            }

            expected = name.Number + 1;
            if (!blob.Metadata.TryGetValue("sequence", out var text) || !long.TryParse(text, CultureInfo.InvariantCulture, out var sequence))
            {
                yield return new(blob.Name, null, "It has no watermark (metadata 'sequence').");
                continue;
            }

            if (sequence <= last)
            {
                yield return new(blob.Name, null, $"Its watermark {sequence} is not behind {last}, that of the one before it.");
            }

            last = sequence;
        }
    }
}
