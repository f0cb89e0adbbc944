using System.Text;
using System.Text.Json;
using System.Text.Unicode;

namespace Kixo.Batches;

/// <summary>Reads the envelope of a body, in whatever order its members stand, without looking at the events.</summary>
internal static class EnvelopeReader
{
    public const string DefaultEnvironment = "production";

    public static readonly IReadOnlyList<string> Platforms = ["ios", "android", "web"];
    public static readonly IReadOnlyList<string> Environments = [DefaultEnvironment, "staging", "development"];
    private static readonly string[] Fields = ["project_id", "api_key", "bundle_id", "platform", "environment", "sent_at", "batch"];

    /// <returns>The envelope, or why there is none: not JSON, or each field that is missing or wrong.</returns>
    public static (BatchEnvelope? Envelope, BatchProblem? Problem) Read(ReadOnlySpan<byte> body)
    {
        if (!Utf8.IsValid(body))
        {
            return (null, JsonText.Malformed(body));
        }

        try
        {
            return new Pass(body).Run();
        }
        catch (JsonException)
        {
            return (null, JsonText.Malformed(body));
        }
    }

    private ref struct Pass(ReadOnlySpan<byte> body)
    {
        private readonly ReadOnlySpan<byte> _body = body;
        private Utf8JsonReader _reader = new(body, JsonText.Options(BatchLimits.MaxDepth));

        // Where the reader's text begins in the body: it is given the rest anew behind the events.
        private int _offset;
        private int _seen;
        private List<FieldError>? _errors;

        public (BatchEnvelope?, BatchProblem?) Run()
        {
            _reader.Read();
            if (_reader.TokenType != JsonTokenType.StartObject)
            {
                throw new JsonException();
            }

            string? projectId = null, apiKey = null, bundleId = null, platform = null, environment = null;
            DateTime? sentAt = null;
            Range events = default;
            var count = 0;
            while (_reader.Read() && _reader.TokenType == JsonTokenType.PropertyName)
            {
                var field = JsonText.IndexOfName(_reader, Fields);
                _reader.Read();
                if (field < 0)
                {
                    _reader.Skip();
                    continue;
                }

                var name = Fields[field];
                if ((_seen & (1 << field)) != 0)
                {
                    Wrong(name, FieldError.DuplicateField, "stands twice.");
                }

                _seen |= 1 << field;
                switch (field)
                {
                    case 0: projectId = ReadText(name); break;
                    case 1: apiKey = ReadText(name); break;
                    case 2: bundleId = ReadText(name); break;
                    case 3: platform = ReadOneOf(name, Platforms); break;
                    case 4: environment = _reader.TokenType == JsonTokenType.Null ? null : ReadOneOf(name, Environments); break;
                    case 5: sentAt = ReadSentAt(name); break;
                    default: (events, count) = ReadEvents(name); break;
                }
            }

            // Behind the closing brace only white space may follow.
            _reader.Read();

            for (var field = 0; field < Fields.Length; field++)
            {
                if ((_seen & (1 << field)) == 0 && Fields[field] is not ("environment" or "sent_at"))
                {
                    Wrong(Fields[field], FieldError.MissingField, "is required.");
                }
            }

            return _errors is not null
                ? (null, BatchProblem.OfFields(_errors))
                : (new BatchEnvelope
                {
                    ProjectId = projectId!,
                    ApiKey = apiKey!,
                    BundleId = bundleId!,
                    Platform = platform!,
                    Environment = environment ?? DefaultEnvironment,
                    SentAt = sentAt,
                    Events = events,
                    EventCount = count,
                }, null);
        }

        private string? ReadText(string name)
        {
            if (_reader.TokenType != JsonTokenType.String)
            {
                _reader.Skip();
                Wrong(name, FieldError.InvalidType, "expected a string.");
                return null;
            }

            var length = (int)(_reader.BytesConsumed - _reader.TokenStartIndex);
            var token = _body.Slice(_offset + (int)_reader.TokenStartIndex, length);
            if (!JsonText.HasLength(token, BatchLimits.MaxIdLength))
            {
                Wrong(name, length == 2 ? FieldError.InvalidValue : FieldError.TooLong, $"expected 1 to {BatchLimits.MaxIdLength} characters.");
                return null;
            }

            try
            {
                return _reader.GetString();
            }
            catch (InvalidOperationException)
            {
                Wrong(name, FieldError.InvalidValue, "expected text; it holds half a surrogate pair.");
                return null;
            }
        }

        private string? ReadOneOf(string name, IReadOnlyList<string> values)
        {
            var text = ReadText(name);
            var value = values.FirstOrDefault(value => value == text);
            if (text is not null && value is null)
            {
                Wrong(name, FieldError.InvalidValue, $"expected one of {string.Join(", ", values)}.");
            }

            return value;
        }

        private DateTime? ReadSentAt(string name)
        {
            if (_reader.TokenType == JsonTokenType.Null)
            {
                return null;
            }

            if (ReadText(name) is string text)
            {
                Span<byte> utf8 = stackalloc byte[64];
                if (text.Length <= 40 && Encoding.UTF8.TryGetBytes(text, utf8, out var length) && Timestamp.TryParse(utf8[..length], out var utc))
                {
                    return utc;
                }

                Wrong(name, FieldError.InvalidTimestamp, Timestamp.Expected);
            }

            return null;
        }

        private (Range Events, int Count) ReadEvents(string name)
        {
            if (_reader.TokenType != JsonTokenType.StartArray)
            {
                _reader.Skip();
                Wrong(name, FieldError.InvalidType, "expected an array of events.");
                return default;
            }

            var start = _offset + (int)_reader.TokenStartIndex;
            if (!ArrayScanner.TryMeasure(_body[start..], out var length, out var count))
            {
                throw new JsonException();
            }

            // The reader, which has just entered the array, goes on at its closing bracket.
            _offset = start + length - 1;
            _reader = new Utf8JsonReader(_body[_offset..], isFinalBlock: true, _reader.CurrentState);
            _reader.Read();
            if (count == 0)
            {
                Wrong(name, FieldError.InvalidValue, $"expected 1 to {BatchLimits.MaxEvents:N0} events; it is empty.");
            }

            return (start..(start + length), count);
        }

        // Nobody knows yet who sends this: it may be the same field half a million times.
        private void Wrong(string field, string code, string expected)
        {
            _errors ??= [];
            if (_errors.Count < BatchLimits.MaxReportedErrors)
            {
                _errors.Add(FieldError.At(null, field, code, expected));
            }
        }
    }
}
