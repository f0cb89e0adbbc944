namespace Kixo.Batches;

/// <summary>Why a body is refused: one of the contract's codes, a sentence for the sender, and each field that is wrong.</summary>
/// <param name="Code">One of the constants here.</param>
/// <param name="Message">Names what was expected and where; never holds a value that was sent.</param>
/// <param name="Errors">The single findings, where there are any.</param>
internal sealed record BatchProblem(string Code, string Message, IReadOnlyList<FieldError>? Errors = null)
{
    public const string MalformedJson = "malformed_json";
    public const string InvalidBatch = "invalid_batch";
    public const string PayloadTooLarge = "payload_too_large";
    public const string UnsupportedEncoding = "unsupported_encoding";
    public const string TooManyEvents = "too_many_events";

    public static BatchProblem OfTooLarge() => new(
        PayloadTooLarge, $"The body is over {BatchLimits.MaxBodyBytes:N0} bytes (after decompression). Send the events in several batches.");

    public static BatchProblem OfTooMany(int events) => new(
        TooManyEvents, $"A batch holds up to {BatchLimits.MaxEvents:N0} events; this one has {events:N0}. Send them in several batches.");

    public static BatchProblem OfFields(IReadOnlyList<FieldError> errors) => new(InvalidBatch, errors[0].Message, errors);
}

/// <summary>One finding about one field, of the envelope (<see cref="Index"/> null) or of the event with that index.</summary>
internal readonly record struct FieldError(int? Index, string? Field, string Code, string Message)
{
    public const string MissingField = "missing_field";
    public const string InvalidType = "invalid_type";
    public const string InvalidValue = "invalid_value";
    public const string TooLong = "too_long";
    public const string DuplicateField = "duplicate_field";
    public const string InvalidTimestamp = "invalid_timestamp";
    public const string InvalidEventId = "invalid_event_id";
    public const string EventTooLarge = "event_too_large";

    /// <summary>A finding whose message starts with where it is: <c>platform: …</c> or <c>events[3].timestamp: …</c>.</summary>
    public static FieldError At(int? index, string? field, string code, string expected)
    {
        var place = index is null ? field : field is null ? $"events[{index}]" : $"events[{index}].{field}";
        return new(index, field, code, $"{place}: {expected}");
    }
}
