using System.Globalization;
using System.Runtime.CompilerServices;
using Azure;
using Azure.Storage.Blobs;
using Azure.Storage.Blobs.Models;
using Kixo.Persistence;

namespace Kixo.Cli.Letters;

/// <summary>The dead letters in storage, and the claims on them: see <see cref="DeadLetters"/>.</summary>
internal sealed class LetterBox(BlobServiceClient blobs, TimeProvider time)
{
    private readonly BlobContainerClient _container = blobs.GetBlobContainerClient(DeadLetters.Container);

    /// <param name="reason">Only those whose reason has this in it, in upper or lower case; null for all.</param>
    public async IAsyncEnumerable<LetterView> ListAsync(string? reason, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        await foreach (var blob in _container.GetBlobsAsync(BlobTraits.Metadata, BlobStates.None, null, cancellationToken))
        {
            var letter = LetterView.Of(blob);
            if (reason is null || letter.Reason.Contains(reason, StringComparison.OrdinalIgnoreCase))
            {
                yield return letter;
            }
        }
    }

    /// <exception cref="CliException">There is none of this id, or it cannot be read.</exception>
    public async Task<(LetterView View, DeadLetter Letter, ETag ETag, IDictionary<string, string> Metadata)> GetAsync(string id, CancellationToken cancellationToken)
    {
        try
        {
            var blob = (await _container.GetBlobClient(id).DownloadContentAsync(cancellationToken)).Value;
            return (LetterView.Of(id, blob.Details.Metadata, blob.Details.ContentLength), DeadLetter.Parse(blob.Content), blob.Details.ETag, blob.Details.Metadata);
        }
        catch (RequestFailedException e) when (e.Status == 404)
        {
            throw new CliException($"There is no dead letter {id}. 'kixo dead-letters list' has their ids.");
        }
        catch (System.Text.Json.JsonException)
        {
            throw new CliException($"Blob {id} in container {DeadLetters.Container} is not a dead letter of this version.");
        }
    }

    /// <summary>Notes that the letter is about to be published again, or was.</summary>
    /// <param name="key">Which of the two.</param>
    /// <param name="metadata">As read, or as written by the claim; is changed.</param>
    /// <param name="etag">Of the same.</param>
    /// <returns>The letter's new ETag; null when somebody else has changed it since.</returns>
    public async Task<ETag?> NoteAsync(string id, string key, IDictionary<string, string> metadata, ETag etag, CancellationToken cancellationToken)
    {
        metadata[key] = time.GetUtcNow().ToString("O", CultureInfo.InvariantCulture);
        try
        {
            var noted = await _container.GetBlobClient(id).SetMetadataAsync(metadata, new BlobRequestConditions { IfMatch = etag }, cancellationToken);
            return noted.Value.ETag;
        }
        catch (RequestFailedException e) when (e.Status == 412)
        {
            return null;
        }
    }
}
