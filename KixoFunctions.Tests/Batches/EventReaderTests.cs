using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using CsCheck;
using Kixo.Batches;
using Kixo.Tests.Support;
using Microsoft.Extensions.Options;
using Microsoft.Extensions.Time.Testing;

namespace Kixo.Tests.Batches;

public sealed class EventReaderTests
{
    private readonly FakeTimeProvider _time = new(new DateTimeOffset(Some.Time));
    private readonly EventReader _reader;

    public EventReaderTests() => _reader = new(_time, Options.Create(new BatchOptions()));

    [Fact]
    public void A_line_has_the_contracts_members_in_their_order()
    {
        var body = Some.Body(
            ("environment", "\"staging\""),
            ("sent_at", "\"2026-04-08T11:59:58.5Z\""),
            ("batch", $"[{Some.Event(("event_id", "\"mine-1\""), ("mood", "\"good\""), ("timestamp", "\"2026-04-08T13:00:00.25+02:00\""))}]"));

        Assert.Equal(
            """
            {"event_id":"mine-1","project_id":"kx_proj_abc123","bundle_id":"com.example.app","platform":"web","environment":"staging","event_type":"page_view","event_name":"/pricing","device_id":"device_001","session_id":"s_001","timestamp":"2026-04-08T11:00:00.250Z","original_timestamp":"2026-04-08T13:00:00.25+02:00","sent_at":"2026-04-08T11:59:58.500Z","received_at":"2026-04-08T12:00:00.000Z","clock_drift_ms":1500,"properties":{"referrer":"https://google.com"},"extra":{"mood":"good"}}
            """,
            Assert.Single(Lines(body)));
    }

    [Fact]
    public void Without_sent_at_properties_and_unknown_members_the_line_has_none()
    {
        var names = JsonNode.Parse(Line(Some.Event(("properties", null))))!.AsObject().Select(member => member.Key);

        Assert.Equal(
            ["event_id", "project_id", "bundle_id", "platform", "environment", "event_type", "event_name", "device_id", "session_id", "timestamp", "original_timestamp", "received_at"],
            names);
    }

    [Fact]
    public void Properties_are_copied_byte_for_byte_save_line_breaks_between_tokens()
    {
        var line = Line(Some.Event(("properties", "{ \"a\" :\r\n [1.0, 1e2,\n\"\\u00e9\\n\\/é\"] }")));

        Assert.Contains(",\"properties\":{ \"a\" :   [1.0, 1e2, \"\\u00e9\\n\\/é\"] }}", line, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(@"\ud83d", @"\ufffd")]
    [InlineData(@"a\uDE00b", @"a\ufffdb")]
    [InlineData(@"\ud83d\ud83d\ude00\ude00", @"\ufffd\ud83d\ude00\ufffd")]
    [InlineData(@"\ud83d\n\ude00", @"\ufffd\n\ufffd")]
    [InlineData(@"\ud83dxude00", @"\ufffdxude00")]
    [InlineData(@"\\ud83d\\\ude00", @"\\ud83d\\\ufffd")]
    [InlineData(@"\uD83D\uDE00 \u00e9 \\ \"" \ud7ff \ue000", @"\uD83D\uDE00 \u00e9 \\ \"" \ud7ff \ue000")]
    public void Half_a_surrogate_pair_is_replaced_wherever_it_stands(string sent, string stored)
    {
        var line = Line(Some.Event(
            ("event_type", $"\"{sent}\""), ("event_name", $"\"{sent}\""), ("device_id", $"\"{sent}\""), ("session_id", $"\"{sent}\""),
            ("properties", $"{{\"{sent}\":\"{sent}\"}}"), ($"x{sent}", $"[\"{sent}\"]")));

        Assert.Contains(
            $"\"event_type\":\"{stored}\",\"event_name\":\"{stored}\",\"device_id\":\"{stored}\",\"session_id\":\"{stored}\",", line, StringComparison.Ordinal);
        Assert.EndsWith($",\"properties\":{{\"{stored}\":\"{stored}\"}},\"extra\":{{\"x{stored}\":[\"{stored}\"]}}}}", line, StringComparison.Ordinal);
    }

    [Fact]
    public void Null_properties_and_event_id_are_as_good_as_none() =>
        Assert.Equal(Line(Some.Event(("properties", null))).Length, Line(Some.Event(("properties", "null"), ("event_id", "null"))).Length);

    [Fact]
    public void Unknown_members_are_kept_in_their_order() =>
        Assert.EndsWith(
            ",\"extra\":{\"b\": {\"x\": 1},\"a\" :null,\"a\":2}}\n",
            Text(Some.Batch(Some.Event(("b", " {\"x\":\n1}"))[..^1] + ",\"a\" :null,\"a\":2}")),
            StringComparison.Ordinal);

    [Fact]
    public void A_member_named_with_half_a_surrogate_pair_is_unknown() => Assert.Single(Lines(Some.Batch(Some.Event((@"\ud83d\ud83d", "1")))));

    [Fact]
    public void What_the_envelope_says_is_escaped_again() =>
        Assert.Contains(@"""bundle_id"":""a\""b\\c\n""", Lines(Some.Body(("bundle_id", @"""a\u0022b\\c\n""")))[0], StringComparison.Ordinal);

    [Theory]
    [InlineData("event_type", null, FieldError.MissingField)]
    [InlineData("event_name", null, FieldError.MissingField)]
    [InlineData("device_id", null, FieldError.MissingField)]
    [InlineData("session_id", null, FieldError.MissingField)]
    [InlineData("timestamp", null, FieldError.MissingField)]
    [InlineData("event_type", "1", FieldError.InvalidType)]
    [InlineData("event_name", "null", FieldError.InvalidType)]
    [InlineData("device_id", "[\"d\"]", FieldError.InvalidType)]
    [InlineData("session_id", "\"\"", FieldError.InvalidValue)]
    [InlineData("timestamp", "1775649600", FieldError.InvalidType)]
    [InlineData("timestamp", "\"\"", FieldError.InvalidTimestamp)]
    [InlineData("timestamp", "\"2026-04-08\"", FieldError.InvalidTimestamp)]
    [InlineData("timestamp", @"""2026-04-08T12:00:00\ud83d""", FieldError.InvalidTimestamp)]
    [InlineData("properties", "[]", FieldError.InvalidType)]
    [InlineData("properties", "\"{}\"", FieldError.InvalidType)]
    [InlineData("event_id", "7", FieldError.InvalidEventId)]
    [InlineData("event_id", "\"\"", FieldError.InvalidEventId)]
    [InlineData("event_id", "\"a b\"", FieldError.InvalidEventId)]
    [InlineData("event_id", @"""\u0022""", FieldError.InvalidEventId)]
    [InlineData("event_id", "\"01234567890123456789012345678901234567890123456789012345678901234\"", FieldError.InvalidEventId)]
    public void An_invalid_event_is_named_by_index_and_field_and_the_others_are_accepted(string field, string? json, string code)
    {
        using var lines = Read(Some.Batch(Some.Event(), Some.Event((field, json)), Some.Event())).Lines!;

        var error = Assert.Single(lines.Errors);
        Assert.Equal((2, 1), (lines.Accepted, lines.Rejected));
        Assert.Equal((1, field, code), (error.Index, error.Field, error.Code));
        Assert.StartsWith($"events[1].{field}: ", error.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("event_type")]
    [InlineData("timestamp")]
    [InlineData("properties")]
    [InlineData("event_id")]
    public void A_member_of_the_contract_that_stands_twice_makes_the_event_invalid(string field)
    {
        var twice = Some.Event(("event_id", "\"e\""))[..^1] + $",\"{field}\":{{}}}}";

        var error = OnlyError(twice);

        Assert.Equal((field, FieldError.DuplicateField), (error.Field, error.Code));
    }

    [Theory]
    [InlineData("1")]
    [InlineData("null")]
    [InlineData("[{}]")]
    public void An_event_that_is_no_object_is_invalid(string json)
    {
        var error = OnlyError(json);

        Assert.Equal((null, FieldError.InvalidType, "events[0]: expected an object."), (error.Field, error.Code, error.Message));
    }

    [Fact]
    public void A_batch_without_a_valid_event_is_refused_and_lists_up_to_100()
    {
        var (lines, _, problem) = Read(Some.Batch([.. Enumerable.Repeat("{}", 150)]));

        Assert.Null(lines);
        Assert.Equal((BatchProblem.InvalidBatch, "No event of the batch is valid."), (problem!.Code, problem.Message));
        Assert.Equal(Enumerable.Range(0, 100), problem.Errors!.Select(error => error.Index!.Value));
    }

    [Fact]
    public void Every_rejected_event_is_counted_though_only_100_are_listed()
    {
        using var lines = Read(Some.Batch([.. Enumerable.Repeat("{}", 120), .. Enumerable.Repeat("7", 30), Some.Event()])).Lines!;

        Assert.Equal((1, 150, 100), (lines.Accepted, lines.Rejected, lines.Errors.Count));
        Assert.Equal([new(FieldError.MissingField, 120), new(FieldError.InvalidType, 30)], lines.Rejections);
    }

    [Fact]
    public void The_same_batch_again_gives_the_same_ids()
    {
        var body = Some.Batch(Some.Event(), Some.Event(("device_id", "\"d_002\"")), Some.Event());

        var first = Lines(body);
        _time.Advance(TimeSpan.FromHours(1));
        Lines(Some.Batch(Some.Event())); // another batch in between

        Assert.Equal(first.Select(IdOf), Lines(body).Select(IdOf));
    }

    [Fact]
    public void Identical_events_of_a_batch_stay_apart()
    {
        var ids = Lines(Some.Batch([.. Enumerable.Repeat(Some.Event(), 50)])).Select(IdOf).ToHashSet();

        Assert.Equal(50, ids.Count);
        Assert.All(ids, id => Assert.Matches("^[0-9a-f]{32}$", id));
    }

    [Fact]
    public void The_same_event_of_another_project_has_another_id() =>
        Assert.NotEqual(IdOf(Lines(Some.Body())[0]), IdOf(Lines(Some.Body(("project_id", "\"kx_proj_other\"")))[0]));

    [Theory]
    [InlineData("\"A-z_09\"", "A-z_09")]
    [InlineData(@"""a\u002db""", "a-b")]
    [InlineData("\"0123456789012345678901234567890123456789012345678901234567890123\"", "0123456789012345678901234567890123456789012345678901234567890123")]
    public void An_events_own_id_is_kept(string json, string id) => Assert.Equal(id, IdOf(Line(Some.Event(("event_id", json)))));

    [Theory]
    [InlineData("2026-04-08T11:59:00Z", "2026-04-08T10:00:00.000Z", 60_000)]
    [InlineData("2026-04-08T12:01:00Z", "2026-04-08T10:00:00.000Z", -60_000)]
    [InlineData("2026-04-08T11:58:59.999Z", "2026-04-08T10:01:00.001Z", 60_001)]
    [InlineData("2026-04-08T12:01:00.001Z", "2026-04-08T09:58:59.999Z", -60_001)]
    [InlineData("2025-04-08T12:00:00Z", "2027-04-08T10:00:00.000Z", 31_536_000_000)]
    public void Drift_past_the_tolerance_moves_the_timestamp(string sentAt, string stored, long driftMs)
    {
        var line = JsonNode.Parse(Lines(Some.Body(("sent_at", $"\"{sentAt}\""), ("batch", $"[{Some.Event(("timestamp", "\"2026-04-08T10:00:00Z\""))}]")))[0])!;

        Assert.Equal((stored, driftMs), (line["timestamp"]!.GetValue<string>(), line["clock_drift_ms"]!.GetValue<long>()));
        Assert.Equal("2026-04-08T10:00:00Z", line["original_timestamp"]!.GetValue<string>());
    }

    [Fact]
    public void An_event_has_up_to_64_KiB()
    {
        var empty = Encoding.UTF8.GetByteCount(Some.Event(("properties", "{\"a\":\"\"}")));
        var largest = Some.Event(("properties", $"{{\"a\":\"{new string('x', BatchLimits.MaxEventBytes - empty)}\"}}"));

        Assert.NotEmpty(Line(largest));
        Assert.Equal((null, FieldError.EventTooLarge), (OnlyError(largest.Insert(1, " ")).Field, OnlyError(largest.Insert(1, " ")).Code));
    }

    [Theory]
    [InlineData("session_id", "a", 256)]
    [InlineData("event_type", "é", 256)]
    [InlineData("device_id", @"\ud83d\ude00", 256)]
    [InlineData("event_name", "a", 2_048)]
    [InlineData("event_name", "😀", 2_048)]
    [InlineData("event_name", @"\u00e9", 2_048)]
    [InlineData("event_name", @"\ud83d\ude00", 2_048)]
    public void Texts_are_bounded_in_code_points(string field, string character, int most)
    {
        Assert.NotEmpty(Line(Some.Event((field, Text(most)))));
        Assert.Equal((field, FieldError.TooLong), (OnlyError(Some.Event((field, Text(most + 1)))).Field, OnlyError(Some.Event((field, Text(most + 1)))).Code));

        string Text(int count) => $"\"{string.Concat(Enumerable.Repeat(character, count))}\"";
    }

    [Theory]
    [InlineData("[1 2]")]
    [InlineData("[,]")]
    [InlineData("[{}}")]
    [InlineData("[{]")]
    [InlineData("[[1}]")]
    [InlineData("[{\"a\":}]")]
    [InlineData("[{\"a\" 1}]")]
    [InlineData("[nul]")]
    [InlineData("[{}] ]")]
    [InlineData("[\"\\x\"]")]
    [InlineData("[1,]")]
    public void An_array_that_is_not_JSON_makes_the_body_malformed(string array) =>
        Assert.Equal(BatchProblem.MalformedJson, ProblemOf(Some.Body(("batch", array)))?.Code);

    [Fact]
    public void Events_may_nest_as_deep_as_the_body()
    {
        Assert.Null(ProblemOf(Some.Batch(Some.Event(("properties", Nested(29))))));
        Assert.Contains("nests deeper than 32 levels", ProblemOf(Some.Batch(Some.Event(("properties", Nested(30)))))!.Message, StringComparison.Ordinal);

        // The body is 1, batch 2, the event 3, its properties 4.
        static string Nested(int levels) => "{\"a\":" + new string('[', levels - 1) + new string(']', levels - 1) + "}";
    }

    [Fact]
    public void Every_line_parses_and_holds_equal_properties_and_extras() =>
        Gen.Select(Some.JsonObject, Some.Json, Some.JsonString.Where(name => name.Length > 2)).Array[1, 10].Sample(events =>
        {
            var sent = events.Select(e => Some.Event(("event_name", e.Item3), ("properties", e.Item1), ("more", e.Item2))).ToArray();

            var lines = Lines(Some.Batch(sent));

            Assert.Equal(sent.Length, lines.Length);
            foreach (var (was, stored) in sent.Select(e => JsonNode.Parse(e)!).Zip(lines.Select(line => JsonNode.Parse(line)!)))
            {
                Assert.True(JsonNode.DeepEquals(was["properties"], stored["properties"]));
                Assert.True(JsonNode.DeepEquals(was["more"], stored["extra"]!["more"]));
                Assert.True(JsonNode.DeepEquals(was["event_name"], stored["event_name"]));
            }
        });

    [Fact]
    public void However_a_body_is_damaged_it_is_read_or_refused() =>
        Gen.Select(
            Gen.Select(Some.JsonObject, Some.JsonString).Array[1, 3],
            Gen.Select(Gen.Int[0, 100_000], Gen.OneOf("\"[]{},:\\ue\n0 \xFF"u8.ToArray())).Array[1, 4])
        .Sample(
            (events, mutations) =>
            {
                var body = Some.Batch([.. events.Select(e => Some.Event(("properties", e.Item1), ("more", e.Item2)))]);
                foreach (var (at, value) in mutations)
                {
                    body[at % body.Length] = value;
                }

                foreach (var line in Read(body).Lines is { } lines ? Split(lines) : [])
                {
                    using var parsed = JsonDocument.Parse(line);
                    JsonSerializer.Serialize(parsed); // every text in it can be read
                }
            },
            iter: 2_000);

    private (EventLines? Lines, DateTime ReceivedAt, BatchProblem? Problem) Read(byte[] body)
    {
        var (envelope, problem) = EnvelopeReader.Read(body);
        return envelope is null ? (null, default, problem) : _reader.Read(body, envelope);
    }

    private BatchProblem? ProblemOf(byte[] body)
    {
        var (lines, _, problem) = Read(body);
        lines?.Dispose();
        return problem;
    }

    private string Text(byte[] body)
    {
        var (lines, receivedAt, problem) = Read(body);
        Assert.Null(problem);
        Assert.Equal(_time.GetUtcNow().UtcDateTime, receivedAt);
        Assert.Empty(lines!.Errors);
        using (lines)
        {
            return Encoding.UTF8.GetString(lines.Lines.Span);
        }
    }

    private string[] Lines(byte[] body) => Text(body).TrimEnd('\n').Split('\n');

    private string Line(string json) => Assert.Single(Lines(Some.Batch(json)));

    private FieldError OnlyError(string json)
    {
        var error = Assert.Single(ProblemOf(Some.Batch(json))!.Errors!);
        Assert.Equal(0, error.Index);
        return error;
    }

    private static string[] Split(EventLines lines)
    {
        using (lines)
        {
            var text = Encoding.UTF8.GetString(lines.Lines.Span);
            Assert.Equal(lines.Accepted, text.Count(c => c == '\n'));
            return text.Split('\n', StringSplitOptions.RemoveEmptyEntries);
        }
    }

    private static string IdOf(string line) => JsonNode.Parse(line)!["event_id"]!.GetValue<string>();
}
