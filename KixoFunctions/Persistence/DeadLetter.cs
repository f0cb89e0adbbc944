using System.Globalization;
using System.Text.Json;
using System.Text.Json.Serialization;
using Azure.Messaging.EventHubs;

namespace Kixo.Persistence;

/// <summary>A message that could not be read, with all that is needed to publish it again: as JSON, names in snake_case.</summary>
/// <param name="Reason">Why, as a sentence.</param>
/// <param name="Hub">Where it was.</param>
/// <param name="Partition">The id, or a name for its key: see <see cref="PartitionNames"/>.</param>
/// <param name="Sequence">Its sequence number.</param>
/// <param name="Enqueued">When the hub took it.</param>
/// <param name="PartitionKey">The key it was sent with; it goes with the same when it is published again.</param>
/// <param name="ContentType">As it came.</param>
/// <param name="MessageId">As it came.</param>
/// <param name="CorrelationId">As it came.</param>
/// <param name="Properties">The application properties, each with its type: <c>"event_count": {"type": "int", "value": "3"}</c>.</param>
/// <param name="Body">The body in base64; null when it is no data but an AMQP value or sequence, which Event Hubs clients do not send.</param>
internal sealed record DeadLetter(
    string Reason,
    string Hub,
    string Partition,
    long Sequence,
    DateTimeOffset Enqueued,
    string? PartitionKey,
    string? ContentType,
    string? MessageId,
    string? CorrelationId,
    IReadOnlyDictionary<string, TypedValue> Properties,
    byte[]? Body)
{
    private static readonly JsonSerializerOptions Json = new()
    {
        PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower,
        DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
        WriteIndented = true,
    };

    [JsonIgnore]
    public string BlobName => string.Create(CultureInfo.InvariantCulture, $"{Hub}/{Partition}/{Enqueued.UtcDateTime:yyyyMMdd'T'HHmmss.fff'Z'}-{Sequence}");

    public static DeadLetter Of(EventData message, string partition, string reason) => new(
        reason, EventChunk.Hub, partition, message.SequenceNumber, message.EnqueuedTime,
        message.PartitionKey, message.ContentType, message.MessageId, message.CorrelationId,
        message.Properties.ToDictionary(property => property.Key, property => TypedValue.Of(property.Value)),
        message.GetRawAmqpMessage().Body.TryGetData(out _) ? message.EventBody.ToArray() : null);

    /// <exception cref="JsonException">It is not what <see cref="ToJson"/> writes.</exception>
    public static DeadLetter Parse(BinaryData json) => json.ToObjectFromJson<DeadLetter>(Json) ?? throw new JsonException("A dead letter is an object.");

    public BinaryData ToJson() => BinaryData.FromObjectAsJson(this, Json);

    /// <summary>The message to publish again, with <see cref="PartitionKey"/> in the options of the send.</summary>
    /// <exception cref="InvalidOperationException">It has no body.</exception>
    public EventData ToMessage()
    {
        var message = new EventData(Body ?? throw new InvalidOperationException("The body of this message was no data: it cannot be published again."))
        {
            ContentType = ContentType,
            MessageId = MessageId,
            CorrelationId = CorrelationId,
        };
        foreach (var (name, value) in Properties)
        {
            message.Properties[name] = value.ToObject()!;
        }

        return message;
    }
}
