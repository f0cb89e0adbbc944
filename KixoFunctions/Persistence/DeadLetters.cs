using System.Globalization;
using Azure;
using Azure.Messaging.EventHubs;
using Azure.Storage.Blobs;
using Azure.Storage.Blobs.Models;

namespace Kixo.Persistence;

/// <summary>
/// Messages that cannot be read, each whole in a blob of its own: container <see cref="Container"/>, blob
/// <c>&lt;hub&gt;/&lt;partition&gt;/&lt;yyyyMMddTHHmmss.fffZ&gt;-&lt;sequence&gt;</c> by the time at which the hub took it: a
/// message that is delivered again has the same name, and one of a hub that was deleted and made again has another.
/// The content is a <see cref="DeadLetter"/>. The metadata are for lists: <c>reason</c> (ASCII, up to 512 characters),
/// <c>hub</c>, <c>partition</c>, <c>sequence</c>, <c>enqueued</c> (ISO 8601), <c>project_id</c> where the message says it, and what
/// became of it since:
/// <list type="bullet">
/// <item><see cref="ReplayingKey"/>, the time (ISO 8601) at which someone set out to publish it again. It is set under If-Match
/// while it is not there, before the message is published: of two replays one gets a 412 and publishes nothing.</item>
/// <item><see cref="ReplayedKey"/>, the time at which the hub acknowledged it, set under the ETag of the claim.</item>
/// </list>
/// One that has only the first was published or not: the hub did not say, or the replay died. It is not published again by
/// itself, only when asked for in so many words; should it be in the hub twice then, its events have the same ids.
/// </summary>
internal sealed class DeadLetters(BlobServiceClient blobs)
{
    public const string Container = "dead-letters";
    public const string ProjectKey = "project_id";
    public const string ReplayingKey = "replaying";
    public const string ReplayedKey = "replayed";

    // Blob Storage allows 8 KiB of metadata in all; the content has the whole reason.
    private const int MaxReasonLength = 512;
    private const int MaxProjectLength = 128;

    private readonly BlobContainerClient _container = blobs.GetBlobContainerClient(Container);

    /// <summary>Stores a message; storing it again changes nothing, nor what became of it since.</summary>
    /// <returns>Whether it was not there yet.</returns>
    public async Task<bool> StoreAsync(EventData message, string partition, string reason, CancellationToken cancellationToken)
    {
        var letter = DeadLetter.Of(message, partition, reason);
        var options = new BlobUploadOptions
        {
            HttpHeaders = new BlobHttpHeaders { ContentType = "application/json" },
            Metadata = new Dictionary<string, string>
            {
                ["reason"] = Ascii(reason),
                ["hub"] = letter.Hub,
                ["partition"] = letter.Partition,
                ["sequence"] = letter.Sequence.ToString(CultureInfo.InvariantCulture),
                ["enqueued"] = letter.Enqueued.ToString("O", CultureInfo.InvariantCulture),
            },
            Conditions = new BlobRequestConditions { IfNoneMatch = ETag.All },
        };
        if (message.Properties.TryGetValue(ProjectKey, out var project) && project is string { Length: > 0 and <= MaxProjectLength } id)
        {
            options.Metadata[ProjectKey] = Ascii(id);
        }

        try
        {
            await _container.GetBlobClient(letter.BlobName).UploadAsync(letter.ToJson(), options, cancellationToken);
            return true;
        }
        catch (RequestFailedException e) when (e.ErrorCode == BlobErrorCode.BlobAlreadyExists)
        {
            return false; // delivered again
        }
    }

    // Metadata travels as HTTP headers.
    private static string Ascii(string text)
    {
        var ascii = string.Concat(text.Select(c => c is >= ' ' and <= '~' ? c : '?'));
        return ascii.Length <= MaxReasonLength ? ascii : ascii[..MaxReasonLength];
    }
}
