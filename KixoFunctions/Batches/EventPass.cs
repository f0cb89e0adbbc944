using System.Buffers;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Text.Json;

namespace Kixo.Batches;

/// <summary>One pass over the events of one batch, and its reusable working set. One batch at a time.</summary>
internal sealed class EventPass
{
    // The envelope and its array are around them.
    private const int DepthOfEvents = BatchLimits.MaxDepth - 2;

    internal static readonly SearchValues<byte> EventIdCharacters =
        SearchValues.Create("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"u8);

    private static readonly SearchValues<byte> ToMend = SearchValues.Create("\n\r\\"u8);

    private readonly EventIds _ids = new();
    private readonly LineFrame _frame = new();
    private readonly List<Token> _extra = [];
    private readonly Dictionary<string, int> _rejections = [];
    private List<FieldError>? _errors;
    private int _rejected;

    /// <summary>A part of the array's text.</summary>
    private readonly record struct Token(int Start, int Length)
    {
        public bool IsThere => Length > 0;

        public ReadOnlySpan<byte> In(ReadOnlySpan<byte> json) => json.Slice(Start, Length);

        public bool IsNullOrAbsent(ReadOnlySpan<byte> json) => !IsThere || json[Start] == 'n';

        public bool IsString(ReadOnlySpan<byte> json) => json[Start] == '"';
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

    /// <param name="array">The text of the <c>batch</c> array, brackets included; UTF-8, and not empty.</param>
    /// <param name="envelope">The batch's envelope.</param>
    /// <param name="receivedAt">When the request came, in UTC.</param>
    /// <param name="clockTolerance">Up to which drift the client's clock is believed.</param>
    /// <exception cref="JsonException">The array is not JSON.</exception>
    public EventLines Run(ReadOnlySpan<byte> array, BatchEnvelope envelope, DateTime receivedAt, TimeSpan clockTolerance)
    {
        _ids.Start(envelope.ProjectId);
        _frame.Start(envelope, receivedAt, clockTolerance);
        (_errors, _rejected) = (null, 0);
        _rejections.Clear();
        var lines = new PooledBuffer(array.Length + (envelope.EventCount * RoomBesidesEvent));
        var accepted = 0;
        var done = false;
        try
        {
            var start = JsonSkipper.Skip(array, 0, (byte)'[');
            byte behind;
            do
            {
                if (TryReadEvent(array, start, accepted + _rejected, out var end, out var members, out var timestamp))
                {
                    WriteLine(lines, array, new(start, end - start), members, timestamp);
                    accepted++;
                }

                end = JsonSkipper.SkipSpace(array, end);
                behind = JsonSkipper.Peek(array, end);
                start = JsonSkipper.SkipSpace(array, end + 1);
            }
            while (behind == ',');

            // What stands behind the array's end is the envelope's; anything else means that the array was measured on no JSON.
            if (behind != ']' || start != array.Length)
            {
                throw new JsonException();
            }

            done = true;
            return new EventLines(lines, accepted, _rejected, _rejected == 0 ? [] : [.. _rejections], _errors ?? []);
        }
        finally
        {
            if (!done)
            {
                lines.Dispose();
            }
        }
    }

    /// <returns>Whether it is valid; if not, its finding is kept.</returns>
    private bool TryReadEvent(ReadOnlySpan<byte> array, int start, int index, out int end, out Members members, out DateTime timestamp)
    {
        members = default;
        timestamp = default;
        _extra.Clear();
        if (JsonSkipper.Peek(array, start) != '{')
        {
            end = JsonSkipper.SkipValue(array, start, DepthOfEvents);
            return Reject(index, null, FieldError.InvalidType, "expected an object.");
        }

        Member? twice = null;
        var at = JsonSkipper.SkipSpace(array, start + 1);
        var isEmpty = JsonSkipper.Peek(array, at) == '}';
        while (!isEmpty)
        {
            var nameEnd = JsonSkipper.SkipString(array, at);
            var valueStart = JsonSkipper.Skip(array, nameEnd, (byte)':');
            var valueEnd = JsonSkipper.SkipValue(array, valueStart, DepthOfEvents - 1);
            var member = MemberOf(array[at..nameEnd]);
            if (member == Member.Unknown)
            {
                _extra.Add(new(at, valueEnd - at));
            }
            else
            {
                twice ??= members[(int)member].IsThere ? member : null;
                members[(int)member] = new(valueStart, valueEnd - valueStart);
            }

            at = JsonSkipper.SkipSpace(array, valueEnd);
            if (JsonSkipper.Peek(array, at) == '}')
            {
                break;
            }

            at = JsonSkipper.Skip(array, at, (byte)',');
        }

        end = at + 1;
        return end - start > BatchLimits.MaxEventBytes ? Reject(index, null, FieldError.EventTooLarge, $"expected at most {BatchLimits.MaxEventBytes:N0} bytes.")
            : twice is Member member2 ? Reject(index, member2, FieldError.DuplicateField, "stands twice.")
            : Check(array, index, members, out timestamp);
    }

    private bool Reject(int index, Member? member, string code, string expected)
    {
        _rejected++;
        CollectionsMarshal.GetValueRefOrAddDefault(_rejections, code, out _)++;
        _errors ??= [];
        if (_errors.Count < BatchLimits.MaxReportedErrors)
        {
            _errors.Add(FieldError.At(index, member is Member one ? Names[(int)one] : null, code, expected));
        }

        return false;
    }

    /// <param name="name">With its quotes.</param>
    private static Member MemberOf(ReadOnlySpan<byte> name)
    {
        var member = name[1..^1] switch
        {
            var n when n.SequenceEqual("event_type"u8) => Member.EventType,
            var n when n.SequenceEqual("event_name"u8) => Member.EventName,
            var n when n.SequenceEqual("device_id"u8) => Member.DeviceId,
            var n when n.SequenceEqual("session_id"u8) => Member.SessionId,
            var n when n.SequenceEqual("timestamp"u8) => Member.Timestamp,
            var n when n.SequenceEqual("properties"u8) => Member.Properties,
            var n when n.SequenceEqual("event_id"u8) => Member.EventId,
            _ => Member.Unknown,
        };
        if (member != Member.Unknown || !name.Contains((byte)'\\'))
        {
            return member;
        }

        var reader = new Utf8JsonReader(name);
        reader.Read();
        return JsonText.IndexOfName(reader, Names) is var index and >= 0 ? (Member)index : Member.Unknown;
    }

    private bool Check(ReadOnlySpan<byte> array, int index, in Members members, out DateTime timestamp)
    {
        timestamp = default;
        for (var member = Member.EventType; member <= Member.Timestamp; member++)
        {
            var token = members[(int)member];
            var max = member == Member.EventName ? BatchLimits.MaxNameLength : BatchLimits.MaxIdLength;
            if (!token.IsThere)
            {
                return Reject(index, member, FieldError.MissingField, "is required.");
            }

            if (!token.IsString(array))
            {
                return Reject(index, member, FieldError.InvalidType, "expected a string.");
            }

            if (member != Member.Timestamp && !JsonText.HasLength(token.In(array), max))
            {
                return token.Length == 2
                    ? Reject(index, member, FieldError.InvalidValue, $"expected 1 to {max:N0} characters.")
                    : Reject(index, member, FieldError.TooLong, $"expected 1 to {max:N0} characters.");
            }
        }

        Span<byte> space = stackalloc byte[64];
        if (!JsonText.TryUnescape(members[(int)Member.Timestamp].In(array), space, out var text) || !Timestamp.TryParse(text, out timestamp))
        {
            return Reject(index, Member.Timestamp, FieldError.InvalidTimestamp, Timestamp.Expected);
        }

        var properties = members[(int)Member.Properties];
        if (!properties.IsNullOrAbsent(array) && array[properties.Start] != '{')
        {
            return Reject(index, Member.Properties, FieldError.InvalidType, "expected an object.");
        }

        var id = members[(int)Member.EventId];
        if (!id.IsNullOrAbsent(array) && (!id.IsString(array)
            || !JsonText.TryUnescape(id.In(array), space, out text)
            || text.Length is 0 or > BatchLimits.MaxEventIdLength || text.ContainsAnyExcept(EventIdCharacters)))
        {
            return Reject(index, Member.EventId, FieldError.InvalidEventId, $"expected 1 to {BatchLimits.MaxEventIdLength} of A-Z, a-z, 0-9, - and _.");
        }

        return true;
    }

    // The fixed names and times of a line come to less than 256 bytes.
    private int RoomBesidesEvent => _frame.Length + 256;

    private void WriteLine(PooledBuffer lines, ReadOnlySpan<byte> array, Token sent, in Members members, DateTime timestamp)
    {
        var line = new LineWriter(lines.Free(sent.Length + RoomBesidesEvent).Span, mends: sent.In(array).ContainsAny(ToMend));

        line.Write("{\"event_id\":\""u8);
        var id = members[(int)Member.EventId];
        if (id.IsNullOrAbsent(array))
        {
            _ids.WriteNext(sent.In(array), line.Next(EventIds.Length));
        }
        else
        {
            Span<byte> space = stackalloc byte[BatchLimits.MaxEventIdLength];
            JsonText.TryUnescape(id.In(array), space, out var text);
            line.Write(text);
        }

        line.Write("\","u8);
        line.Write(_frame.Sender);
        line.Write(",\"event_type\":"u8);
        line.WriteOnOneLine(members[(int)Member.EventType].In(array));
        line.Write(",\"event_name\":"u8);
        line.WriteOnOneLine(members[(int)Member.EventName].In(array));
        line.Write(",\"device_id\":"u8);
        line.WriteOnOneLine(members[(int)Member.DeviceId].In(array));
        line.Write(",\"session_id\":"u8);
        line.WriteOnOneLine(members[(int)Member.SessionId].In(array));
        line.Write(",\"timestamp\":\""u8);
        Timestamp.Write(Timestamp.Shift(timestamp, _frame.Correction), line.Next(Timestamp.StoredLength));
        line.Write("\",\"original_timestamp\":"u8);
        line.Write(members[(int)Member.Timestamp].In(array));
        line.Write(_frame.Times);

        var properties = members[(int)Member.Properties];
        if (!properties.IsNullOrAbsent(array))
        {
            line.Write(",\"properties\":"u8);
            line.WriteOnOneLine(properties.In(array));
        }

        for (var i = 0; i < _extra.Count; i++)
        {
            line.Write(i == 0 ? ",\"extra\":{"u8 : ","u8);
            line.WriteOnOneLine(_extra[i].In(array));
        }

        line.Write(_extra.Count > 0 ? "}}\n"u8 : "}\n"u8);
        lines.Advance(line.Length);
    }

    /// <summary>Writes behind what it has written, into space that is known to be enough.</summary>
    private ref struct LineWriter(Span<byte> space, bool mends)
    {
        private readonly Span<byte> _space = space;

        public int Length { get; private set; }

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public Span<byte> Next(int length)
        {
            var next = _space.Slice(Length, length);
            Length += length;
            return next;
        }

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public void Write(scoped ReadOnlySpan<byte> bytes) => bytes.CopyTo(Next(bytes.Length));

        public void WriteOnOneLine(scoped ReadOnlySpan<byte> json)
        {
            if (mends)
            {
                JsonText.CopyOnOneLine(json, Next(json.Length));
            }
            else
            {
                Write(json);
            }
        }
    }
}
