using System.Collections.Concurrent;
using System.Globalization;
using Azure;
using Azure.Storage.Blobs;
using Azure.Storage.Blobs.Models;
using Kixo.Persistence;

namespace Kixo.Cli.Load;

/// <summary>A piece that has come to a blob of the lake: whole compressed frames.</summary>
/// <param name="SeenAt">The clock's timestamp of the listing that showed it first.</param>
internal readonly record struct LakeGrowth(string Blob, long From, long To, long SeenAt);

/// <summary>
/// Notes when which blobs of some projects have grown. It lists and reads nothing, so that the lake's pace can be watched
/// during a load without a share in it.
/// </summary>
internal sealed class LakeWatch(BlobContainerClient lake, IReadOnlyList<string> projectIds, string environment, TimeProvider time) : IDisposable
{
    /// <summary>Between two listings of one project; of several it is as much for each, up to <see cref="LongestInterval"/>: what is said of when something was there is so exact.</summary>
    public static readonly TimeSpan Interval = TimeSpan.FromMilliseconds(500);

    private static readonly TimeSpan LongestInterval = TimeSpan.FromSeconds(5);

    private readonly SemaphoreSlim _listing = new(1);
    private readonly DateTime _firstDay = time.GetUtcNow().UtcDateTime.AddHours(-1).Date;
    private readonly Dictionary<string, long> _sizes = [];
    private readonly ConcurrentQueue<LakeGrowth> _growth = new();

    private long _grownAt = time.GetTimestamp();

    /// <summary>How long nothing has come.</summary>
    public TimeSpan Quiet => time.GetElapsedTime(Volatile.Read(ref _grownAt));

    /// <summary>What has come since the last call.</summary>
    public IEnumerable<LakeGrowth> Take()
    {
        while (_growth.TryDequeue(out var piece))
        {
            yield return piece;
        }
    }

    /// <summary>Keeps for the next <see cref="Take"/> what could not be read.</summary>
    public void PutBack(LakeGrowth piece) => _growth.Enqueue(piece);

    /// <summary>Takes what is there already as not of this load.</summary>
    public async Task StartAsync(CancellationToken cancellationToken)
    {
        await ListAsync(cancellationToken);
        _growth.Clear();
    }

    /// <summary>Goes on until cancelled.</summary>
    public async Task RunAsync(CancellationToken cancellationToken)
    {
        var interval = Interval * projectIds.Count;
        while (true)
        {
            await Task.Delay(interval < LongestInterval ? interval : LongestInterval, time, cancellationToken);
            await LookAsync(cancellationToken);
        }
    }

    /// <summary>Lists once more.</summary>
    public async Task LookAsync(CancellationToken cancellationToken)
    {
        await _listing.WaitAsync(cancellationToken);
        try
        {
            await ListAsync(cancellationToken);
        }
        catch (Exception e) when (e is RequestFailedException or AggregateException)
        {
            // Under load the storage may fail to answer; the next listing tells as much.
        }
        finally
        {
            _listing.Release();
        }
    }

    public void Dispose() => _listing.Dispose();

    private async Task ListAsync(CancellationToken cancellationToken)
    {
        // The app's clock may already be on the next day.
        var lastDay = time.GetUtcNow().UtcDateTime.AddHours(1).Date;
        foreach (var projectId in projectIds)
        {
            for (var day = _firstDay; day <= lastDay; day = day.AddDays(1))
            {
                var prefix = string.Create(CultureInfo.InvariantCulture, $"{LakePath.ProjectFolder(projectId)}environment={environment}/date={day:yyyy-MM-dd}/");
                await foreach (var blob in lake.GetBlobsAsync(BlobTraits.None, BlobStates.None, prefix, cancellationToken))
                {
                    Note(blob.Name, blob.Properties.ContentLength ?? 0);
                }
            }
        }
    }

    private void Note(string blob, long size)
    {
        var known = _sizes.GetValueOrDefault(blob);
        if (size > known)
        {
            var now = time.GetTimestamp();
            _growth.Enqueue(new(blob, known, size, now));
            _sizes[blob] = size;
            Volatile.Write(ref _grownAt, now);
        }
    }
}
