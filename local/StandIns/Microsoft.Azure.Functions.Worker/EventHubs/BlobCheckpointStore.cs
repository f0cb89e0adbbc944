using System.Globalization;
using Azure;
using Azure.Storage.Blobs;
using Azure.Storage.Blobs.Models;

namespace Microsoft.Azure.Functions.Worker.EventHubs;

/// <summary>Checkpoints as the official host keeps them: metadata of empty blobs, <c>…/checkpoint/{partition}</c>.</summary>
internal sealed class BlobCheckpointStore(BlobContainerClient container, string prefix) : ICheckpointStore
{
    private const string SequenceNumber = "sequencenumber";
    private const string Offset = "offset";

    public async Task<Checkpoint?> ReadAsync(string partitionId, CancellationToken cancellationToken)
    {
        try
        {
            BlobProperties blob = await Blob(partitionId).GetPropertiesAsync(cancellationToken: cancellationToken);
            return Parse(blob.Metadata);
        }
        catch (RequestFailedException exception) when (exception.Status == 404)
        {
            return null;
        }
    }

    public async Task WriteAsync(string partitionId, Checkpoint checkpoint, CancellationToken cancellationToken)
    {
        var metadata = new Dictionary<string, string>
        {
            [SequenceNumber] = checkpoint.SequenceNumber?.ToString(CultureInfo.InvariantCulture) ?? "",
            [Offset] = checkpoint.Offset ?? "",
        };
        try
        {
            await Blob(partitionId).SetMetadataAsync(metadata, cancellationToken: cancellationToken);
        }
        catch (RequestFailedException exception) when (exception.Status == 404)
        {
            await Blob(partitionId).UploadAsync(Stream.Null, new BlobUploadOptions { Metadata = metadata }, cancellationToken);
        }
    }

    internal static Checkpoint? Parse(IDictionary<string, string> metadata)
    {
        var offset = metadata.TryGetValue(Offset, out var text) && text.Length > 0 ? text : null;
        long? number = metadata.TryGetValue(SequenceNumber, out text) && long.TryParse(text, CultureInfo.InvariantCulture, out var parsed) ? parsed : null;
        return offset is null && number is null ? null : new Checkpoint(offset, number);
    }

    private BlobClient Blob(string partitionId) => container.GetBlobClient($"{prefix}/checkpoint/{partitionId}");
}
