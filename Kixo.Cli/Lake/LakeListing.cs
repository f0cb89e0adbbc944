using System.Globalization;
using System.Runtime.CompilerServices;
using Azure.Storage.Blobs;
using Azure.Storage.Blobs.Models;
using Kixo.Persistence;

namespace Kixo.Cli.Lake;

/// <summary>
/// Lists the lake's blobs in the order of their names, and only the folders that are wanted: a year of lake is not listed to
/// read an hour of it.
/// </summary>
internal sealed class LakeListing(BlobContainerClient lake, LakeScope scope)
{
    /// <summary>The blobs of the wanted hours, and what has no name of the lake among them.</summary>
    public IAsyncEnumerable<BlobItem> ListAsync(CancellationToken cancellationToken) => ListAsync("", 0, cancellationToken);

    // Folders nest as project_id=…/environment=…/date=…/hour=…
    private async IAsyncEnumerable<BlobItem> ListAsync(string folder, int level, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        string?[] wanted = [scope.ProjectId, scope.Environment, scope.Since?.ToString("yyyy-MM-dd", CultureInfo.InvariantCulture)];
        if (Array.TrueForAll(wanted[level..], name => name is null))
        {
            await foreach (var blob in lake.GetBlobsAsync(BlobTraits.Metadata, BlobStates.None, folder, cancellationToken))
            {
                if (!(LakePath.TryParse(blob.Name, out var name) && name.Hour.AddHours(1) <= scope.Since))
                {
                    yield return blob;
                }
            }

            yield break;
        }

        if (level < 2 && wanted[level] is { } value)
        {
            await foreach (var blob in ListAsync($"{folder}{(level == 0 ? "project_id" : "environment")}={value}/", level + 1, cancellationToken))
            {
                yield return blob;
            }

            yield break;
        }

        await foreach (var item in lake.GetBlobsByHierarchyAsync(BlobTraits.Metadata, BlobStates.None, "/", folder, cancellationToken))
        {
            if (item.IsBlob)
            {
                yield return item.Blob;
            }
            else if (level < 2 || string.CompareOrdinal(item.Prefix, $"{folder}date={wanted[level]}") >= 0)
            {
                await foreach (var blob in ListAsync(item.Prefix, level + 1, cancellationToken))
                {
                    yield return blob;
                }
            }
        }
    }
}
