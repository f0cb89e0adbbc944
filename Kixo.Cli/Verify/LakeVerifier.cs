using System.Runtime.CompilerServices;
using Azure;
using Azure.Storage.Blobs;
using Azure.Storage.Blobs.Models;
using Kixo.Cli.Lake;
using Kixo.Persistence;

namespace Kixo.Cli.Verify;

/// <summary>
/// Checks a part of the event lake, in bounded memory: every frame is whole, every line is what <see cref="LineSchema"/> says and in
/// the right folder, no id stands twice within a project and environment, no watermark goes back. Used once.
/// </summary>
/// <param name="lake">The container.</param>
/// <param name="listing">The part of it.</param>
/// <param name="folder">For temporary files.</param>
internal sealed class LakeVerifier(BlobContainerClient lake, LakeListing listing, string folder)
{
    /// <summary>How many findings of a kind are given; the rest is counted.</summary>
    public const int MaxGiven = 100;

    private readonly Lock _lock = new();

    // All below under the lock.
    private readonly List<Defect> _defects = [];
    private readonly Dictionary<(string ProjectId, string Environment), int> _scopes = [];
    private readonly SortedDictionary<(string, string, DateTime), HourCount> _hours = [];
    private long _defectCount;

    /// <summary>So far, for progress.</summary>
    public (int Blobs, long Events, long Bytes) Done { get; private set; }

    public async Task<LakeReport> VerifyAsync(CancellationToken cancellationToken)
    {
        using var ids = new DuplicateFinder(folder);
        using var names = new BlobNames(Path.Combine(folder, "blobs"));
        await Parallel.ForEachAsync(BlobsAsync(names, cancellationToken), cancellationToken, (blob, token) => VerifyAsync(blob, ids, token));

        var (repeatedCount, repeated) = (0L, new List<RepeatedId>());
        foreach (var id in ids.Find())
        {
            cancellationToken.ThrowIfCancellationRequested();
            if (++repeatedCount <= MaxGiven)
            {
                repeated.Add(id);
            }
        }

        return new LakeReport(
            Done.Blobs, Done.Events, Done.Bytes,
            _defectCount, [.. _defects.OrderBy(defect => defect.Blob, StringComparer.Ordinal).ThenBy(defect => defect.Line)],
            repeatedCount, Named(repeated, names), [.. _hours.Values]);
    }

    private async IAsyncEnumerable<(int Number, LakeName Name, BlobItem Blob)> BlobsAsync(
        BlobNames names, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var (hourFolder, inFolder) = ("", new List<(LakeName Name, BlobItem Blob)>());
        await foreach (var blob in listing.ListAsync(cancellationToken))
        {
            if (!LakePath.TryParse(blob.Name, out var name))
            {
                Found(new(blob.Name, null, "This is no name of the event lake."));
                continue;
            }

            var itsFolder = LakePath.HourFolder(name.ProjectId, name.Environment, name.Hour);
            if (itsFolder != hourFolder)
            {
                CheckSeries(inFolder);
                inFolder.Clear();
                hourFolder = itsFolder;
            }

            inFolder.Add((name, blob));
            yield return (names.Add(blob.Name), name, blob);
        }

        CheckSeries(inFolder);
    }

    private void CheckSeries(List<(LakeName Name, BlobItem Blob)> inFolder)
    {
        foreach (var series in inFolder.GroupBy(blob => (blob.Name.Partition, blob.Name.Encoding)))
        {
            foreach (var defect in SeriesCheck.Defects(series.OrderBy(blob => blob.Name.Number)))
            {
                Found(defect);
            }
        }
    }

    private async ValueTask VerifyAsync((int Number, LakeName Name, BlobItem Blob) blob, DuplicateFinder ids, CancellationToken cancellationToken)
    {
        BlobDownloadStreamingResult download;
        try
        {
            download = await lake.GetBlobClient(blob.Blob.Name).DownloadStreamingAsync(cancellationToken: cancellationToken);
        }
        catch (RequestFailedException e) when (e.Status == 404)
        {
            return; // deleted since it was listed, as old events are
        }

        using (download)
        {
            var (name, scope, events) = (blob.Name, ScopeOf(blob.Name), 0);
            var end = await LakeLines.ReadAsync(download.Content, name.Encoding, Check, cancellationToken);
            if (end is not null)
            {
                Found(new(blob.Blob.Name, null, end));
            }

            Count(name, events, download.Details.ContentLength);

            void Check(ReadOnlySpan<byte> line, int number)
            {
                events = number;
                if (LineSchema.Problem(line, name, out var id) is { } problem)
                {
                    Found(new(blob.Blob.Name, number, problem));
                }

                if (!id.IsEmpty)
                {
                    ids.Add(scope, id, new(blob.Number, number));
                }
            }
        }
    }

    private int ScopeOf(LakeName name)
    {
        lock (_lock)
        {
            _scopes.TryAdd((name.ProjectId, name.Environment), _scopes.Count);
            return _scopes[(name.ProjectId, name.Environment)];
        }
    }

    private void Found(Defect defect)
    {
        lock (_lock)
        {
            if (++_defectCount <= MaxGiven)
            {
                _defects.Add(defect);
            }
        }
    }

    private void Count(LakeName name, int events, long bytes)
    {
        lock (_lock)
        {
            var key = (name.ProjectId, name.Environment, name.Hour);
            var hour = _hours.GetValueOrDefault(key) ?? new(name.ProjectId, name.Environment, name.Hour, 0, 0, 0);
            _hours[key] = hour with { Blobs = hour.Blobs + 1, Events = hour.Events + events, Bytes = hour.Bytes + bytes };
            Done = (Done.Blobs + 1, Done.Events + events, Done.Bytes + bytes);
        }
    }

    private List<Duplicate> Named(List<RepeatedId> repeated, BlobNames blobNames)
    {
        var names = blobNames.Find([.. repeated.SelectMany(id => new[] { id.First.Blob, id.Again.Blob })]);
        var scopes = _scopes.ToDictionary(scope => scope.Value, scope => scope.Key);
        return [.. repeated.Select(id => new Duplicate(
            scopes[id.Scope].ProjectId, scopes[id.Scope].Environment, id.EventId,
            new(names[id.First.Blob], id.First.Line), new(names[id.Again.Blob], id.Again.Line)))];
    }
}
