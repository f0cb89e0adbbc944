using Azure;
using Azure.Storage.Blobs;
using Azure.Storage.Blobs.Models;

namespace Microsoft.Azure.Functions.Worker.EventHubs;

/// <summary>Ownership as the official host keeps it: metadata of empty blobs, <c>…/ownership/{partition}</c>, changed under their ETag.</summary>
internal sealed class BlobOwnershipStore(BlobContainerClient container, string prefix) : IOwnershipStore
{
    private const string OwnerId = "ownerid";

    public async Task<IReadOnlyList<Ownership>> ListAsync(CancellationToken cancellationToken)
    {
        await container.CreateIfNotExistsAsync(cancellationToken: cancellationToken);
        var folder = $"{prefix}/ownership/";
        var found = new List<Ownership>();
        await foreach (var blob in container.GetBlobsAsync(BlobTraits.Metadata, BlobStates.None, folder, cancellationToken))
        {
            var owner = blob.Metadata.TryGetValue(OwnerId, out var id) ? id : "";
            found.Add(new Ownership(blob.Name[folder.Length..], owner, blob.Properties.LastModified ?? default, blob.Properties.ETag));
        }

        return found;
    }

    public async Task<bool> TryChangeAsync(Ownership seen, string ownerId, CancellationToken cancellationToken)
    {
        var blob = container.GetBlobClient($"{prefix}/ownership/{seen.PartitionId}");
        var metadata = new Dictionary<string, string> { [OwnerId] = ownerId };
        try
        {
            if (seen.Version is { } version)
            {
                await blob.SetMetadataAsync(metadata, new BlobRequestConditions { IfMatch = version }, cancellationToken);
            }
            else
            {
                var options = new BlobUploadOptions { Metadata = metadata, Conditions = new BlobRequestConditions { IfNoneMatch = ETag.All } };
                await blob.UploadAsync(Stream.Null, options, cancellationToken);
            }

            return true;
        }
        catch (RequestFailedException exception) when (exception.Status is 409 or 412)
        {
            return false;
        }
    }
}
