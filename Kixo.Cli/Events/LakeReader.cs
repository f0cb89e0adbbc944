using System.Runtime.CompilerServices;
using System.Text;
using Azure.Storage.Blobs;
using Azure.Storage.Blobs.Models;
using Kixo.Cli.Lake;
using Kixo.Persistence;

namespace Kixo.Cli.Events;

/// <summary>
/// Reads a project's events from the lake, by hour and oldest first, those of a blob as they stand in it; called again, only what has
/// come since. Blobs only ever grow by whole compressed frames, so that reading goes on at the byte where it ended.
/// </summary>
/// <param name="lake">The container.</param>
/// <param name="projectId">Whose events.</param>
/// <param name="environment">Only of this environment; null for all.</param>
/// <param name="since">Only what was received at this time (UTC) or later.</param>
internal sealed class LakeReader(BlobContainerClient lake, string projectId, string? environment, DateTime since)
{
    private readonly LakeListing _listing = new(lake, new(projectId, environment, since));
    private readonly Dictionary<string, long> _read = [];

    public async IAsyncEnumerable<LakeLine> ReadNewAsync([EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var grown = new List<(LakeName Name, BlobItem Blob)>();
        await foreach (var blob in _listing.ListAsync(cancellationToken))
        {
            if (LakePath.TryParse(blob.Name, out var name) && blob.Properties.ContentLength > _read.GetValueOrDefault(blob.Name))
            {
                grown.Add((name, blob));
            }
        }

        foreach (var hour in grown.GroupBy(g => g.Name.Hour).OrderBy(g => g.Key))
        {
            await foreach (var line in MergeAsync(hour.Select(each => ReadAsync(each.Name, each.Blob, cancellationToken))))
            {
                yield return line;
            }
        }
    }

    // A line of each blob at a time: an hour may be larger than memory.
    private static async IAsyncEnumerable<LakeLine> MergeAsync(IEnumerable<IAsyncEnumerable<LakeLine>> blobs)
    {
        var next = new PriorityQueue<IAsyncEnumerator<LakeLine>, DateTime>();
        try
        {
            foreach (var blob in blobs)
            {
                await GoOnAsync(blob.GetAsyncEnumerator(CancellationToken.None)); // it has its token
            }

            while (next.TryPeek(out var lines, out _))
            {
                yield return lines.Current;
                await GoOnAsync(next.Dequeue());
            }
        }
        finally
        {
            foreach (var (lines, _) in next.UnorderedItems)
            {
                await lines.DisposeAsync();
            }
        }

        async Task GoOnAsync(IAsyncEnumerator<LakeLine> lines)
        {
            if (await lines.MoveNextAsync())
            {
                next.Enqueue(lines, lines.Current.ReceivedAt);
            }
            else
            {
                await lines.DisposeAsync();
            }
        }
    }

    private async IAsyncEnumerable<LakeLine> ReadAsync(LakeName name, BlobItem blob, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var from = _read.GetValueOrDefault(blob.Name);
        var to = blob.Properties.ContentLength!.Value;
        var range = new BlobDownloadOptions { Range = new Azure.HttpRange(from, to - from) };
        var content = (await lake.GetBlobClient(blob.Name).DownloadStreamingAsync(range, cancellationToken)).Value.Content;
        using var reader = new StreamReader(name.Encoding.Decompress(content), Encoding.UTF8);
        while (await reader.ReadLineAsync(cancellationToken) is { } text)
        {
            if (LakeLine.Parse(text) is var line && line.ReceivedAt >= since)
            {
                yield return line;
            }
        }

        _read[blob.Name] = to;
    }
}
