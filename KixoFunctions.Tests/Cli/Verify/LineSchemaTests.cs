using System.Text;
using System.Text.Json.Nodes;
using CsCheck;
using Kixo.Cli.Verify;
using Kixo.Tests.Support;

namespace Kixo.Tests.Cli.Verify;

public sealed class LineSchemaTests
{
    // All that a line can have.
    private static readonly string Full = Encoding.UTF8.GetString(Stored.LinesOf(Some.Body(
        ("sent_at", "\"2026-04-08T11:00:00Z\""), ("batch", $"[{Some.Event(("screen", "{\"a\":[1]}"))}]"))).AsSpan()[..^1]);

    private static readonly string[] Optional = ["sent_at", "clock_drift_ms", "properties", "extra"];

    [Fact]
    public void Whatever_the_app_writes_is_right() =>
        Gen.Select(Some.JsonObject, Some.Json, Some.JsonString, Gen.Bool).Sample((properties, unknown, name, sent) =>
        {
            var full = Some.Event(("properties", properties), ("screen", unknown), ("event_name", name == "\"\"" ? "\"n\"" : name));
            var body = Some.Body(("batch", $"[{full},{Some.Event(("properties", null))}]"), ("sent_at", sent ? "\"2026-04-08T11:00:00.5+02:00\"" : null));

            foreach (var line in Stored.Split(Stored.LinesOf(body)))
            {
                Assert.Null(LineSchema.Problem(line, Stored.Name, out var id));
                Assert.Equal(32, id.Length);
            }
        });

    [Fact]
    public void Each_member_that_is_missing_is_named()
    {
        foreach (var member in Line().Select(member => member.Key))
        {
            var line = Line();
            line.Remove(member);

            Assert.Equal(
                member is "sent_at" or "clock_drift_ms" ? "Of sent_at and clock_drift_ms one is missing."
                : Optional.Contains(member) ? null : $"{member} is missing.",
                Problem(line.ToJsonString()));
        }
    }

    [Fact]
    public void Each_member_of_a_wrong_type_or_that_stands_twice_is_named()
    {
        foreach (var (member, value) in Line())
        {
            foreach (var wrong in (string[])["null", "true", "1.5", "[]", "\"\"", "\"\\ud800\"", "{"])
            {
                var line = Full.Replace($"\"{member}\":{value!.ToJsonString()}", $"\"{member}\":{wrong}", StringComparison.Ordinal);
                Assert.NotEqual(Full, line);
                Assert.NotNull(Problem(line));
            }

            Assert.Equal($"{member} stands twice.", Problem($"{Full[..^1]},\"{member}\":{value!.ToJsonString()}}}"));
        }
    }

    [Theory]
    [InlineData("\"project_id\":\"kx_proj_abc123\"", "\"project_id\":\"kx_proj_abc124\"", "project_id: expected the project of the folder.")]
    [InlineData("\"environment\":\"production\"", "\"environment\":\"staging\"", "environment: expected the environment of the folder.")]
    [InlineData("\"platform\":\"web\"", "\"platform\":\"tv\"", "platform: expected ios or android or web.")]
    [InlineData("\"received_at\":\"2026-04-08T12:", "\"received_at\":\"2026-04-08T13:", "received_at: expected a UTC time with milliseconds in the hour of the folder.")]
    [InlineData("\"received_at\":\"2026-04-08T12:", "\"received_at\":\"2026-04-09T12:", "received_at: expected a UTC time with milliseconds in the hour of the folder.")]
    [InlineData("\"received_at\":\"2026-04-08T12:00:00.000Z", "\"received_at\":\"2026-04-08T12:00:00Z", "received_at: expected a UTC time with milliseconds in the hour of the folder.")]
    [InlineData("\"sent_at\":\"2026-04-08T11:00:00.000Z", "\"sent_at\":\"2026-04-08t11:00:00.000z", "sent_at: expected a UTC time with milliseconds.")]
    [InlineData("\"timestamp\":\"2026-04-08", "\"timestamp\":\"2026-02-30", "timestamp: expected a UTC time with milliseconds.")]
    [InlineData("\"original_timestamp\":\"2026-04-08T12", "\"original_timestamp\":\"today", "original_timestamp: expected an ISO 8601 date-time.")]
    [InlineData("\"event_id\":\"", "\"event_id\":\" ", "event_id: expected 1 to 64 of A-Z, a-z, 0-9, - and _.")]
    [InlineData("\"bundle_id\"", "\"bundle_ids\"", "It has a member that the schema does not know.")]
    [InlineData("{\"referrer\":\"", "{\"referrer\":\"\\ud83d ", "It holds half of a surrogate pair.")]
    [InlineData("{\"referrer\":", "{\"referrer\"", "It is not a JSON object.")]
    [InlineData("]}}", "]}}}", "It is not a JSON object.")]
    public void A_line_that_is_changed_is_wrong(string from, string to, string problem)
    {
        var line = Full.Replace(from, to, StringComparison.Ordinal);

        Assert.NotEqual(Full, line);
        Assert.Equal(problem, Problem(line));
    }

    [Theory]
    [InlineData("")]
    [InlineData("[]")]
    [InlineData("{}{}")]
    public void What_is_no_object_is_wrong(string line) => Assert.NotNull(Problem(line));

    [Fact]
    public void What_is_not_UTF_8_is_wrong() => Assert.Equal("It is not UTF-8.", LineSchema.Problem([.. "{\""u8, 0xC3, .. "\":1}"u8], Stored.Name, out _));

    private static JsonObject Line() => JsonNode.Parse(Full)!.AsObject();

    private static string? Problem(string line) => LineSchema.Problem(Encoding.UTF8.GetBytes(line), Stored.Name, out _);
}
