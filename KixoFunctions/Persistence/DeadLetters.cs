using System.Globalization;
using System.Text.Json;
using Azure.Messaging.EventHubs;
using Azure.Storage.Blobs;
using Azure.Storage.Blobs.Models;

namespace Kixo.Persistence;

/// <summary>
/// Messages that cannot be read, whole: container <see cref="Container"/>, blob <c>&lt;hub&gt;/&lt;partition&gt;/&lt;sequence&gt;</c>,
/// the body as it came, and in the metadata <c>reason</c>, <c>hub</c>, <c>partition</c>, <c>sequence</c>, <c>enqueued</c> and
/// <c>properties</c> (the application properties as JSON, in base64).
/// </summary>
internal sealed class DeadLetters(BlobServiceClient blobs)
{
    public const string Container = "dead-letters";

    // Blob Storage allows 8 KiB of metadata in all.
    private const int MaxPropertiesLength = 6 * 1024;
    private const int MaxReasonLength = 512;

    private readonly BlobContainerClient _container = blobs.GetBlobContainerClient(Container);

    /// <summary>Stores a message; storing it again changes nothing.</summary>
    public async Task StoreAsync(EventData message, string partition, string reason, CancellationToken cancellationToken)
    {
        var sequence = message.SequenceNumber.ToString(CultureInfo.InvariantCulture);
        var metadata = new Dictionary<string, string>
        {
            ["reason"] = Ascii(reason),
            ["hub"] = EventChunk.Hub,
            ["partition"] = partition,
            ["sequence"] = sequence,
            ["enqueued"] = message.EnqueuedTime.ToString("O", CultureInfo.InvariantCulture),
        };
        var properties = Convert.ToBase64String(JsonSerializer.SerializeToUtf8Bytes(
            message.Properties.ToDictionary(p => p.Key, p => Convert.ToString(p.Value, CultureInfo.InvariantCulture))));
        if (properties.Length <= MaxPropertiesLength)
        {
            metadata["properties"] = properties;
        }

        await _container.GetBlobClient($"{EventChunk.Hub}/{partition}/{sequence}").UploadAsync(
            BodyOf(message), new BlobUploadOptions { Metadata = metadata }, cancellationToken);
    }

    private static BinaryData BodyOf(EventData message) =>
        message.GetRawAmqpMessage().Body.TryGetData(out _) ? message.EventBody : BinaryData.FromString("(an AMQP body that is no data)");

    // Metadata travels as HTTP headers.
    private static string Ascii(string text)
    {
        var ascii = string.Concat(text.Select(c => c is >= ' ' and <= '~' ? c : '?'));
        return ascii.Length <= MaxReasonLength ? ascii : ascii[..MaxReasonLength];
    }
}
