using System.Globalization;
using Azure.Messaging.EventHubs;

namespace Kixo;

/// <summary>
/// The events of one request on their way through the hub: NDJSON lines (<c>application/x-ndjson</c>), compressed, with what
/// a consumer needs to know of them as properties of the message.
/// </summary>
/// <param name="ProjectId">Whose events.</param>
/// <param name="Environment"><c>production</c>, <c>staging</c> or <c>development</c>.</param>
/// <param name="ReceivedAt">When the request came, in UTC: decides the lake's folder.</param>
/// <param name="EventCount">Lines.</param>
/// <param name="Encoding">How <paramref name="Body"/> is compressed.</param>
/// <param name="Body">The compressed lines.</param>
internal sealed record EventChunk(
    string ProjectId, string Environment, DateTime ReceivedAt, int EventCount, ChunkEncoding Encoding, ReadOnlyMemory<byte> Body)
{
    /// <summary>The hub that all chunks go through.</summary>
    public const string Hub = "events";

    /// <summary>The version of the lines and properties, in property <c>schema</c>.</summary>
    public const string Schema = "kixo.events/1";

    private const string ContentType = "application/x-ndjson";

    /// <summary>The message that carries this chunk; it refers to <see cref="Body"/> and does not copy it.</summary>
    public EventData ToMessage() => new(Body)
    {
        ContentType = ContentType,
        MessageId = Guid.CreateVersion7(new DateTimeOffset(ReceivedAt)).ToString("N"),
        Properties =
        {
            ["schema"] = Schema,
            ["encoding"] = Encoding.Name(),
            ["project_id"] = ProjectId,
            ["environment"] = Environment,
            ["event_count"] = EventCount,
            ["received_at"] = ReceivedAt.ToString("O", CultureInfo.InvariantCulture),
        },
    };

    /// <summary>Reads a message's properties; the body is taken as it is.</summary>
    /// <returns>The chunk, or a sentence that says which property is missing or wrong.</returns>
    public static (EventChunk? Chunk, string? Problem) FromMessage(EventData message)
    {
        // A body of another kind throws where it is asked for.
        if (!message.GetRawAmqpMessage().Body.TryGetData(out _))
        {
            return (null, "body: expected data.");
        }

        if (Text("schema") != Schema)
        {
            return (null, $"schema: expected {Schema}.");
        }

        if (!ChunkEncodings.TryParse(Text("encoding"), out var encoding))
        {
            return (null, "encoding: expected zstd or gzip.");
        }

        // These two name folders of the lake, whatever a foreign producer may have put into them.
        if (!IsFolderName(Text("project_id"), out var projectId) || !IsFolderName(Text("environment"), out var environment))
        {
            return (null, "project_id and environment: expected 1 to 128 of A-Z, a-z, 0-9, - and _.");
        }

        if (message.Properties.TryGetValue("event_count", out var value) && value is int count and > 0)
        {
            return DateTime.TryParse(Text("received_at"), CultureInfo.InvariantCulture, DateTimeStyles.AdjustToUniversal | DateTimeStyles.AssumeUniversal, out var receivedAt)
                ? (new(projectId, environment, receivedAt, count, encoding, message.EventBody.ToMemory()), null)
                : (null, "received_at: expected an ISO 8601 date-time.");
        }

        return (null, "event_count: expected a number over 0.");

        string? Text(string name) => message.Properties.TryGetValue(name, out var text) ? text as string : null;
    }

    private static bool IsFolderName(string? text, out string name)
    {
        name = text ?? "";
        return name.Length is > 0 and <= 128 && name.All(c => char.IsAsciiLetterOrDigit(c) || c is '-' or '_');
    }
}
