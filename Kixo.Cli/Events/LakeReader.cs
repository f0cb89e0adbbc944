using System.Runtime.CompilerServices;
using System.Text;
using Azure.Storage.Blobs;
using Azure.Storage.Blobs.Models;
using Kixo.Persistence;

namespace Kixo.Cli.Events;

/// <summary>
/// Reads a project's events from the lake, by hour and oldest first; called again, only what has come since. Blobs only ever
/// grow by whole compressed frames, so that reading goes on at the byte where it ended.
/// </summary>
/// <param name="lake">The container.</param>
/// <param name="projectId">Whose events.</param>
/// <param name="environment">Only of this environment; null for all.</param>
/// <param name="since">Only what was received at this time (UTC) or later.</param>
/// <param name="time">For the last day that there can be.</param>
internal sealed class LakeReader(BlobContainerClient lake, string projectId, string? environment, DateTime since, TimeProvider time)
{
    private readonly Dictionary<string, long> _read = [];

    public async IAsyncEnumerable<LakeLine> ReadNewAsync([EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var grown = new List<(LakeName Name, BlobItem Blob)>();
        await foreach (var blob in ListAsync(cancellationToken))
        {
            if (LakePath.TryParse(blob.Name, out var name) && name.Hour > since.AddHours(-1)
                && blob.Properties.ContentLength > _read.GetValueOrDefault(blob.Name))
            {
                grown.Add((name, blob));
            }
        }

        foreach (var hour in grown.GroupBy(g => g.Name.Hour).OrderBy(g => g.Key))
        {
            var lines = new List<LakeLine>();
            foreach (var (name, blob) in hour)
            {
                await ReadAsync(name, blob, lines, cancellationToken);
            }

            foreach (var line in lines.Where(line => line.ReceivedAt >= since).OrderBy(line => line.ReceivedAt))
            {
                yield return line;
            }
        }
    }

    private async Task ReadAsync(LakeName name, BlobItem blob, List<LakeLine> lines, CancellationToken cancellationToken)
    {
        var from = _read.GetValueOrDefault(blob.Name);
        var to = blob.Properties.ContentLength!.Value;
        var range = new BlobDownloadOptions { Range = new Azure.HttpRange(from, to - from) };
        var content = (await lake.GetBlobClient(blob.Name).DownloadStreamingAsync(range, cancellationToken)).Value.Content;
        using var reader = new StreamReader(name.Encoding.Decompress(content), Encoding.UTF8);
        while (await reader.ReadLineAsync(cancellationToken) is { } line)
        {
            lines.Add(LakeLine.Parse(line));
        }

        _read[blob.Name] = to;
    }

    // By day, so that a year of lake is not listed to read an hour of it.
    private async IAsyncEnumerable<BlobItem> ListAsync([EnumeratorCancellation] CancellationToken cancellationToken)
    {
        foreach (var folder in await EnvironmentFoldersAsync(cancellationToken))
        {
            for (var day = since.Date; day <= time.GetUtcNow().UtcDateTime.Date; day = day.AddDays(1))
            {
                var prefix = FormattableString.Invariant($"{folder}date={day:yyyy-MM-dd}/");
                await foreach (var blob in lake.GetBlobsAsync(BlobTraits.None, BlobStates.None, prefix, cancellationToken))
                {
                    yield return blob;
                }
            }
        }
    }

    private async Task<IReadOnlyList<string>> EnvironmentFoldersAsync(CancellationToken cancellationToken)
    {
        var project = LakePath.ProjectFolder(projectId);
        if (environment is not null)
        {
            return [$"{project}environment={environment}/"];
        }

        var folders = new List<string>();
        await foreach (var item in lake.GetBlobsByHierarchyAsync(
            BlobTraits.None, BlobStates.None, "/", project, cancellationToken))
        {
            if (item.IsPrefix)
            {
                folders.Add(item.Prefix);
            }
        }

        return folders;
    }
}
