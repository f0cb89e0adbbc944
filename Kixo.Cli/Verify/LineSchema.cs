using System.Text.Json;
using System.Text.Unicode;
using Kixo.Batches;
using Kixo.Persistence;

namespace Kixo.Cli.Verify;

/// <summary>
/// What a line in the event lake must be: one JSON object with <c>event_id, project_id, bundle_id, platform, environment,
/// event_type, event_name, device_id, session_id, timestamp, original_timestamp, received_at</c>, and where they apply
/// <c>sent_at, clock_drift_ms, properties, extra</c>; each once, nothing else, and where its blob's name says.
/// </summary>
internal static class LineSchema
{
    private const int MaxDepth = BatchLimits.MaxDepth;

    // The required ones first.
    private static readonly string[] Members =
    [
        "event_id", "project_id", "bundle_id", "platform", "environment", "event_type", "event_name", "device_id", "session_id",
        "timestamp", "original_timestamp", "received_at", "sent_at", "clock_drift_ms", "properties", "extra",
    ];

    private static readonly string[] Platforms = [.. EnvelopeReader.Platforms];
    private static readonly int Required = (1 << (Array.IndexOf(Members, "received_at") + 1)) - 1;
    private static readonly int Drift = (1 << Array.IndexOf(Members, "sent_at")) | (1 << Array.IndexOf(Members, "clock_drift_ms"));

    /// <param name="line">Without its line break.</param>
    /// <param name="path">What the blob's name says of its lines.</param>
    /// <param name="eventId">The event's id, as far as there is a right one.</param>
    /// <returns>Null for a right line, else what is wrong, as a sentence that names no value.</returns>
    public static string? Problem(ReadOnlySpan<byte> line, in LakeName path, out ReadOnlySpan<byte> eventId)
    {
        eventId = default;
        if (!Utf8.IsValid(line))
        {
            return "It is not UTF-8.";
        }

        try
        {
            return Read(line, path, ref eventId);
        }
        catch (JsonException)
        {
            return "It is not a JSON object.";
        }
        catch (InvalidOperationException)
        {
            return "It holds half of a surrogate pair.";
        }
    }

    private static string? Read(ReadOnlySpan<byte> line, in LakeName path, ref ReadOnlySpan<byte> eventId)
    {
        var reader = new Utf8JsonReader(line, JsonText.Options(MaxDepth));
        reader.Read();
        if (reader.TokenType != JsonTokenType.StartObject)
        {
            return "It is not a JSON object.";
        }

        var seen = 0;
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            var member = JsonText.IndexOfName(reader, Members);
            if (member < 0)
            {
                return "It has a member that the schema does not know.";
            }

            if ((seen & (1 << member)) != 0)
            {
                return $"{Members[member]} stands twice.";
            }

            seen |= 1 << member;
            reader.Read();
            if (Expected(ref reader, line, member, path, ref eventId) is { } expected)
            {
                return $"{Members[member]}: expected {expected}.";
            }
        }

        // Behind the closing brace nothing may follow; the reader throws.
        reader.Read();
        var missing = Required & ~seen;
        return missing != 0 ? $"{Members[int.TrailingZeroCount(missing)]} is missing."
            : (seen & Drift) is not 0 && (seen & Drift) != Drift ? "Of sent_at and clock_drift_ms one is missing."
            : null;
    }

    /// <returns>Null when the value that the reader stands at is what was expected; the reader then stands at its end.</returns>
    private static string? Expected(ref Utf8JsonReader reader, ReadOnlySpan<byte> line, int member, in LakeName path, ref ReadOnlySpan<byte> eventId)
    {
        switch (Members[member])
        {
            case "event_id":
                if (!IsText(reader) || reader.ValueIsEscaped || reader.ValueSpan.Length is 0 or > BatchLimits.MaxEventIdLength
                    || reader.ValueSpan.ContainsAnyExcept(EventPass.EventIdCharacters))
                {
                    return $"1 to {BatchLimits.MaxEventIdLength} of A-Z, a-z, 0-9, - and _";
                }

                eventId = reader.ValueSpan;
                return null;
            case "project_id":
                return IsText(reader) && reader.ValueTextEquals(path.ProjectId) ? null : "the project of the folder";
            case "environment":
                return IsText(reader) && reader.ValueTextEquals(path.Environment) ? null : "the environment of the folder";
            case "platform":
                return IsText(reader) && JsonText.IndexOfName(reader, Platforms) >= 0 ? null : string.Join(" or ", Platforms);
            case "received_at":
                return IsStoredTime(reader, out var receivedAt) && receivedAt.Date == path.Hour.Date && receivedAt.Hour == path.Hour.Hour
                    ? null : "a UTC time with milliseconds in the hour of the folder";
            case "timestamp" or "sent_at":
                return IsStoredTime(reader, out _) ? null : "a UTC time with milliseconds";
            case "original_timestamp":
                Span<byte> space = stackalloc byte[64];
                return IsText(reader) && JsonText.TryUnescape(Token(reader, line), space, out var text) && Timestamp.TryParse(text, out _)
                    ? null : "an ISO 8601 date-time";
            case "clock_drift_ms":
                return reader.TokenType == JsonTokenType.Number && reader.TryGetInt64(out _) ? null : "a whole number";
            case "properties" or "extra":
                return reader.TokenType == JsonTokenType.StartObject ? PassOver(ref reader) : "an object";
            default:
                var max = Members[member] == "event_name" ? BatchLimits.MaxNameLength : BatchLimits.MaxIdLength;
                return IsText(reader) && JsonText.HasLength(Token(reader, line), max) ? PassOver(ref reader) : $"1 to {max} characters";
        }
    }

    private static bool IsText(in Utf8JsonReader reader) => reader.TokenType == JsonTokenType.String;

    private static ReadOnlySpan<byte> Token(in Utf8JsonReader reader, ReadOnlySpan<byte> line) =>
        line[(int)reader.TokenStartIndex..(int)reader.BytesConsumed];

    private static bool IsStoredTime(in Utf8JsonReader reader, out DateTime utc)
    {
        utc = default;
        if (!IsText(reader) || reader.ValueSpan.Length != Timestamp.StoredLength || !Timestamp.TryParse(reader.ValueSpan, out utc))
        {
            return false;
        }

        Span<byte> stored = stackalloc byte[Timestamp.StoredLength];
        Timestamp.Write(utc, stored);
        return reader.ValueSpan.SequenceEqual(stored);
    }

    /// <exception cref="InvalidOperationException">A text in it is none.</exception>
    private static string? PassOver(ref Utf8JsonReader reader)
    {
        var depth = reader.CurrentDepth;
        do
        {
            if (reader.TokenType is JsonTokenType.String or JsonTokenType.PropertyName && reader.ValueIsEscaped)
            {
                reader.GetString();
            }
        }
        while ((reader.TokenType is JsonTokenType.StartObject || reader.CurrentDepth > depth) && reader.Read());

        return null;
    }
}
