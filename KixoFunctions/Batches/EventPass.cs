using System.Buffers;
using System.Runtime.CompilerServices;
using System.Text.Json;

namespace Kixo.Batches;

/// <summary>One pass over the events of one batch, and its reusable working set. One batch at a time.</summary>
internal sealed class EventPass
{
    internal static readonly SearchValues<byte> EventIdCharacters =
        SearchValues.Create("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"u8);

    private readonly EventIds _ids = new();
    private readonly List<(int Start, int Length)> _extra = [];

    /// <summary>A member's value in the array's text.</summary>
    private readonly record struct Token(int Start, int Length, JsonTokenType Type, bool Escaped)
    {
        public bool IsThere => Length > 0;

        public bool IsNullOrAbsent => !IsThere || Type == JsonTokenType.Null;

        public ReadOnlySpan<byte> In(ReadOnlySpan<byte> json) => json.Slice(Start, Length);
    }

    /// <summary>The members that the contract knows, in the order of a line.</summary>
    private enum Member
    {
        EventType,
        EventName,
        DeviceId,
        SessionId,
        Timestamp,
        Properties,
        EventId,
        Unknown,
    }

    private static readonly string[] Names = ["event_type", "event_name", "device_id", "session_id", "timestamp", "properties", "event_id"];

    [InlineArray((int)Member.Unknown)]
    private struct Members
    {
        private Token _first;
    }

    /// <param name="array">The text of the <c>batch</c> array, brackets included.</param>
    /// <param name="frame">What every line of the batch says.</param>
    /// <exception cref="JsonException">The array is not JSON.</exception>
    public EventLines Run(ReadOnlySpan<byte> array, in LineFrame frame)
    {
        _ids.Start(frame.ProjectId);

        // Inside the array the body's nesting is one less.
        var reader = new Utf8JsonReader(array, JsonText.Options(BatchLimits.MaxDepth - 1));
        var lines = new PooledBuffer(array.Length + (array.Length / 2) + 1024);
        List<FieldError>? errors = null;
        var (accepted, rejected) = (0, 0);
        var done = false;
        try
        {
            reader.Read();
            for (var index = 0; reader.Read() && reader.TokenType != JsonTokenType.EndArray; index++)
            {
                var finding = ReadEvent(ref reader, array, index, out var sent, out var members, out var timestamp);
                if (finding is null)
                {
                    WriteLine(lines, array, sent, members, timestamp, frame);
                    accepted++;
                    continue;
                }

                rejected++;
                if ((errors ??= []).Count < BatchLimits.MaxReportedErrors)
                {
                    errors.Add(finding.Value);
                }
            }

            // What stands behind the array's end is the envelope's; anything else means that the array was measured on no JSON.
            if (reader.BytesConsumed != array.Length)
            {
                throw new JsonException();
            }

            done = true;
            return new EventLines(lines, accepted, rejected, errors ?? []);
        }
        finally
        {
            if (!done)
            {
                lines.Dispose();
            }
        }
    }

    private FieldError? ReadEvent(
        ref Utf8JsonReader reader, ReadOnlySpan<byte> array, int index, out Range sent, out Members members, out DateTime timestamp)
    {
        members = default;
        timestamp = default;
        _extra.Clear();
        var start = (int)reader.TokenStartIndex;
        FieldError? finding = null;
        if (reader.TokenType != JsonTokenType.StartObject)
        {
            reader.Skip();
            sent = start..(int)reader.BytesConsumed;
            return FieldError.At(index, null, FieldError.InvalidType, "expected an object.");
        }

        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            var nameStart = (int)reader.TokenStartIndex;
            var nameIndex = JsonText.IndexOfName(reader, Names);
            var member = nameIndex < 0 ? Member.Unknown : (Member)nameIndex;
            reader.Read();
            var valueStart = (int)reader.TokenStartIndex;
            var type = reader.TokenType;
            var escaped = type == JsonTokenType.String && reader.ValueIsEscaped;
            reader.Skip();
            var end = (int)reader.BytesConsumed;
            if (member == Member.Unknown)
            {
                _extra.Add((nameStart, end - nameStart));
                continue;
            }

            if (members[(int)member].IsThere)
            {
                finding ??= FieldError.At(index, Names[(int)member], FieldError.DuplicateField, "stands twice.");
            }

            members[(int)member] = new(valueStart, end - valueStart, type, escaped);
        }

        sent = start..(int)reader.BytesConsumed;
        return reader.BytesConsumed - start > BatchLimits.MaxEventBytes
            ? FieldError.At(index, null, FieldError.EventTooLarge, $"expected at most {BatchLimits.MaxEventBytes:N0} bytes.")
            : finding ?? Check(array, index, members, out timestamp);
    }

    private static FieldError? Check(ReadOnlySpan<byte> array, int index, in Members members, out DateTime timestamp)
    {
        timestamp = default;
        for (var member = Member.EventType; member <= Member.Timestamp; member++)
        {
            var token = members[(int)member];
            var max = member == Member.EventName ? BatchLimits.MaxNameLength : BatchLimits.MaxIdLength;
            if (!token.IsThere)
            {
                return Wrong(member, FieldError.MissingField, "is required.");
            }

            if (token.Type != JsonTokenType.String)
            {
                return Wrong(member, FieldError.InvalidType, "expected a string.");
            }

            if (member != Member.Timestamp && !JsonText.HasLength(token.In(array), max))
            {
                return token.Length == 2
                    ? Wrong(member, FieldError.InvalidValue, $"expected 1 to {max:N0} characters.")
                    : Wrong(member, FieldError.TooLong, $"expected 1 to {max:N0} characters.");
            }
        }

        Span<byte> space = stackalloc byte[64];
        var time = members[(int)Member.Timestamp];
        if (!JsonText.TryUnescape(time.In(array), time.Escaped, space, out var text) || !Timestamp.TryParse(text, out timestamp))
        {
            return Wrong(Member.Timestamp, FieldError.InvalidTimestamp, Timestamp.Expected);
        }

        var properties = members[(int)Member.Properties];
        if (!properties.IsNullOrAbsent && properties.Type != JsonTokenType.StartObject)
        {
            return Wrong(Member.Properties, FieldError.InvalidType, "expected an object.");
        }

        var id = members[(int)Member.EventId];
        if (!id.IsNullOrAbsent && (id.Type != JsonTokenType.String
            || !JsonText.TryUnescape(id.In(array), id.Escaped, space, out text)
            || text.Length is 0 or > BatchLimits.MaxEventIdLength || text.ContainsAnyExcept(EventIdCharacters)))
        {
            return Wrong(Member.EventId, FieldError.InvalidEventId, $"expected 1 to {BatchLimits.MaxEventIdLength} of A-Z, a-z, 0-9, - and _.");
        }

        return null;

        FieldError Wrong(Member member, string code, string expected) => FieldError.At(index, Names[(int)member], code, expected);
    }

    private void WriteLine(PooledBuffer lines, ReadOnlySpan<byte> array, Range sent, in Members members, DateTime timestamp, in LineFrame frame)
    {
        // The fixed names and times of a line come to less than 256 bytes.
        var room = array[sent].Length + frame.BehindId.Length + frame.BehindTimestamps.Length + 256;
        var line = new LineWriter(lines.Free(room).Span);

        line.Write("{\"event_id\":\""u8);
        var id = members[(int)Member.EventId];
        if (id.IsNullOrAbsent)
        {
            _ids.WriteNext(array[sent], line.Next(EventIds.Length));
        }
        else
        {
            Span<byte> space = stackalloc byte[BatchLimits.MaxEventIdLength];
            JsonText.TryUnescape(id.In(array), id.Escaped, space, out var text);
            line.Write(text);
        }

        line.Write(frame.BehindId);
        line.WriteOnOneLine(members[(int)Member.EventType].In(array));
        line.Write(",\"event_name\":"u8);
        line.WriteOnOneLine(members[(int)Member.EventName].In(array));
        line.Write(",\"device_id\":"u8);
        line.WriteOnOneLine(members[(int)Member.DeviceId].In(array));
        line.Write(",\"session_id\":"u8);
        line.WriteOnOneLine(members[(int)Member.SessionId].In(array));
        line.Write(",\"timestamp\":\""u8);
        Timestamp.Write(Timestamp.Shift(timestamp, frame.Correction), line.Next(Timestamp.StoredLength));
        line.Write("\",\"original_timestamp\":"u8);
        line.Write(members[(int)Member.Timestamp].In(array));
        line.Write(frame.BehindTimestamps);

        var properties = members[(int)Member.Properties];
        if (!properties.IsNullOrAbsent)
        {
            line.Write(",\"properties\":"u8);
            line.WriteOnOneLine(properties.In(array));
        }

        for (var i = 0; i < _extra.Count; i++)
        {
            line.Write(i == 0 ? ",\"extra\":{"u8 : ","u8);
            line.WriteOnOneLine(array.Slice(_extra[i].Start, _extra[i].Length));
        }

        line.Write(_extra.Count > 0 ? "}}\n"u8 : "}\n"u8);
        lines.Advance(line.Length);
    }

    /// <summary>Writes behind what it has written, into space that is known to be enough.</summary>
    private ref struct LineWriter(Span<byte> space)
    {
        private readonly Span<byte> _space = space;

        public int Length { get; private set; }

        public Span<byte> Next(int length)
        {
            var next = _space.Slice(Length, length);
            Length += length;
            return next;
        }

        public void Write(scoped ReadOnlySpan<byte> bytes) => bytes.CopyTo(Next(bytes.Length));

        public void WriteOnOneLine(scoped ReadOnlySpan<byte> json) => JsonText.CopyOnOneLine(json, Next(json.Length));
    }
}
