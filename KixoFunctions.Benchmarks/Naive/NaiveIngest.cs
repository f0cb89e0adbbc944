using System.IO.Compression;
using System.Text.Encodings.Web;
using System.Text.Json;

namespace Kixo.Benchmarks.Naive;

/// <summary>
/// What the usual tutorial does with the same packages: deserialize to classes, validate, serialize one message an event. No
/// straw man: the options are made once, the validation is plain code, and properties stay the parser's own elements.
/// </summary>
internal static class NaiveIngest
{
    private static readonly JsonSerializerOptions Json = new()
    {
        PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower,
        Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
    };

    public static NaiveBatch? Parse(ReadOnlySpan<byte> body) => JsonSerializer.Deserialize<NaiveBatch>(body, Json);

    /// <summary>A message of JSON an event.</summary>
    public static List<byte[]> Messages(byte[] body, DateTimeOffset receivedAt) => Messages(Parse(body), receivedAt);

    /// <summary>A message of JSON an event.</summary>
    public static List<byte[]> Messages(NaiveBatch? batch, DateTimeOffset receivedAt) =>
        [.. Events(batch, receivedAt).Select(stored => JsonSerializer.SerializeToUtf8Bytes(stored, Json))];

    /// <summary>A message of gzipped JSON an event.</summary>
    public static List<byte[]> CompressedMessages(byte[] body, DateTimeOffset receivedAt) =>
        [.. Events(Parse(body), receivedAt).Select(stored => Gzip(gzip => JsonSerializer.Serialize(gzip, stored, Json)))];

    /// <summary>All events as lines in one gzipped message.</summary>
    public static byte[] Packed(byte[] body, DateTimeOffset receivedAt) => Gzip(gzip =>
    {
        foreach (var stored in Events(Parse(body), receivedAt))
        {
            JsonSerializer.Serialize(gzip, stored, Json);
            gzip.WriteByte((byte)'\n');
        }
    });

    private static byte[] Gzip(Action<Stream> write)
    {
        using var compressed = new MemoryStream();
        using (var gzip = new GZipStream(compressed, CompressionLevel.Fastest, leaveOpen: true))
        {
            write(gzip);
        }

        return compressed.ToArray();
    }

    private static IEnumerable<NaiveStoredEvent> Events(NaiveBatch? batch, DateTimeOffset receivedAt)
    {
        if (string.IsNullOrEmpty(batch?.ProjectId) || string.IsNullOrEmpty(batch.ApiKey) || string.IsNullOrEmpty(batch.BundleId)
            || batch.Platform is not ("ios" or "android" or "web")
            || batch.Environment is not (null or "production" or "staging" or "development")
            || batch.Batch is not { Count: > 0 and <= 1_000 })
        {
            yield break;
        }

        foreach (var sent in batch.Batch)
        {
            if (IsText(sent.EventType, 256) && IsText(sent.EventName, 2_048) && IsText(sent.DeviceId, 256) && IsText(sent.SessionId, 256)
                && sent.Timestamp is DateTimeOffset timestamp)
            {
                yield return new NaiveStoredEvent
                {
                    EventId = sent.EventId ?? Guid.NewGuid().ToString("N"),
                    ProjectId = batch.ProjectId,
                    BundleId = batch.BundleId,
                    Platform = batch.Platform,
                    Environment = batch.Environment ?? "production",
                    EventType = sent.EventType!,
                    EventName = sent.EventName!,
                    DeviceId = sent.DeviceId!,
                    SessionId = sent.SessionId!,
                    Timestamp = timestamp.ToUniversalTime(),
                    SentAt = batch.SentAt,
                    ReceivedAt = receivedAt,
                    Properties = sent.Properties,
                };
            }
        }
    }

    private static bool IsText(string? text, int max) => text is { Length: > 0 } && text.Length <= max;
}
