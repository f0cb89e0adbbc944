using Azure;
using Azure.Storage.Blobs;
using Azure.Storage.Blobs.Models;

namespace Kixo.Cli.Query;

/// <summary>
/// Blobs of the lake as files, in folders of the same names: DuckDB reads no Azure without an extension. A file's name holds the
/// blob's ETag: what has not changed is not downloaded again, and what has is another file.
/// </summary>
/// <param name="folder">May be shared by any number of processes.</param>
internal sealed class LakeCache(BlobContainerClient lake, string folder, TimeProvider time)
{
    private const int Parallelism = 8;

    /// <summary>What has not been asked for in so long is deleted.</summary>
    private static readonly TimeSpan Kept = TimeSpan.FromDays(7);

    /// <summary>And an earlier version of a blob, when another query cannot be reading it any more.</summary>
    private static readonly TimeSpan InUse = TimeSpan.FromMinutes(10);

    private int _fetched;

    /// <summary>Blobs that are here so far, for progress.</summary>
    public int Fetched => Volatile.Read(ref _fetched);

    /// <summary>Where the blobs of an account are kept from one query to the next.</summary>
    public static string FolderOf(BlobContainerClient lake) => Path.Combine(
        Environment.GetFolderPath(Environment.SpecialFolder.LocalApplicationData, Environment.SpecialFolderOption.DoNotVerify),
        "kixo", "lake", $"{lake.Uri.Host}-{lake.Uri.Port}-{lake.AccountName}");

    /// <returns>The blobs' files, in their order; without those that were deleted since they were listed.</returns>
    public async Task<IReadOnlyList<string>> FetchAsync(IReadOnlyList<BlobItem> blobs, CancellationToken cancellationToken)
    {
        CreateFolder();
        var files = new string?[blobs.Count];
        var parallel = new ParallelOptions { MaxDegreeOfParallelism = Parallelism, CancellationToken = cancellationToken };
        await Parallel.ForEachAsync(Enumerable.Range(0, files.Length), parallel, async (i, token) =>
        {
            files[i] = await FetchAsync(blobs[i].Name, blobs[i].Properties.ETag, token);
            Interlocked.Increment(ref _fetched);
        });
        Forget(new DirectoryInfo(folder).EnumerateFiles("*", SearchOption.AllDirectories), Kept);
        ForgetEmptyFolders();
        return [.. files.OfType<string>()];
    }

    private async Task<string?> FetchAsync(string name, ETag? version, CancellationToken cancellationToken)
    {
        var blob = lake.GetBlobClient(name);
        while (true)
        {
            try
            {
                version ??= (await blob.GetPropertiesAsync(cancellationToken: cancellationToken)).Value.ETag;
                var file = new FileInfo(FileOf(name, version));
                if (!file.Exists)
                {
                    await DownloadAsync(blob, version, file, cancellationToken);
                }

                file.LastWriteTimeUtc = time.GetUtcNow().UtcDateTime;
                return file.FullName;
            }
            catch (RequestFailedException e) when (e.Status == 412)
            {
                version = null; // it has grown since
            }
            catch (RequestFailedException e) when (e.Status == 404)
            {
                return null;
            }
        }
    }

    private string FileOf(string name, ETag? version)
    {
        var ending = name.LastIndexOf(".ndjson", StringComparison.Ordinal);
        return Path.Combine(folder, $"{name[..ending]}.{string.Concat($"{version}".Where(char.IsAsciiLetterOrDigit))}{name[ending..]}");
    }

    private async Task DownloadAsync(BlobClient blob, ETag? version, FileInfo file, CancellationToken cancellationToken)
    {
        file.Directory!.Create();
        var part = $"{file.FullName}.{Guid.NewGuid():N}.part";
        try
        {
            var sameVersion = new BlobDownloadToOptions { Conditions = new BlobRequestConditions { IfMatch = version } };
            await blob.DownloadToAsync(part, sameVersion, cancellationToken);
            File.Move(part, file.FullName, overwrite: true);
        }
        finally
        {
            File.Delete(part);
        }

        Forget(file.Directory.EnumerateFiles($"{file.Name[..file.Name.IndexOf('.', StringComparison.Ordinal)]}.*"), InUse);
    }

    // Events are nobody else's business on a machine that several people use.
    private void CreateFolder()
    {
        if (OperatingSystem.IsWindows())
        {
            Directory.CreateDirectory(folder);
        }
        else
        {
            Directory.CreateDirectory(folder, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
        }
    }

    // Not those that became empty just now: another query may be about to put a file there.
    private void ForgetEmptyFolders()
    {
        var oldest = time.GetUtcNow().UtcDateTime - Kept;
        foreach (var empty in new DirectoryInfo(folder).GetDirectories("*", SearchOption.AllDirectories)
            .Where(each => each.LastWriteTimeUtc < oldest && !each.EnumerateFileSystemInfos().Any()))
        {
            empty.Delete();
        }
    }

    private void Forget(IEnumerable<FileInfo> files, TimeSpan unused)
    {
        var oldest = time.GetUtcNow().UtcDateTime - unused;
        foreach (var file in files.Where(file => file.LastWriteTimeUtc < oldest))
        {
            file.Delete();
        }
    }
}
