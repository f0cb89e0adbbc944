using System.IO.Compression;
using System.Net.Http.Headers;
using System.Text;
using System.Text.Json.Nodes;
using Kixo.Cli.Keys;
using Kixo.Cli.Projects;
using Kixo.Keys;
using Kixo.Tests.Support;

namespace Kixo.Tests.Contract;

/// <summary>The contract over HTTP, a row for each rule, both sides of each bound.</summary>
public sealed class ContractTests(TestStack stack) : IClassFixture<TestStack>
{
    private const int MaxBody = 4 * 1024 * 1024;
    private const int MaxEvent = 64 * 1024;

    private static readonly string NotUtf8 = "\uFFFF";

    /// <summary>What is sent, and the answer: status, code, and the code and field of the first of its errors, where it has any.</summary>
    private sealed record Rule(byte[] Body, int Status, string? Code = null, string? Error = null, string? ContentType = "application/json", string? Encoding = null);

    private static readonly Dictionary<string, Rule> Rules = new()
    {
        // the envelope
        ["a batch"] = Good(Some.Body()),
        ["batch before everything else"] = Good(Text($$"""{"batch":[{{Some.Event()}}],"platform":"ios","bundle_id":"b","api_key":"{{Some.Key}}","project_id":"{{Some.Project}}"}""")),
        ["a member it does not know"] = Good(Some.Body(("sdk", """{"batch":[{}]}"""))),
        ["no project_id"] = Invalid(Some.Body(("project_id", null)), "missing_field project_id"),
        ["no api_key"] = Invalid(Some.Body(("api_key", null)), "missing_field api_key"),
        ["no bundle_id"] = Invalid(Some.Body(("bundle_id", null)), "missing_field bundle_id"),
        ["no platform"] = Invalid(Some.Body(("platform", null)), "missing_field platform"),
        ["no batch"] = Invalid(Some.Body(("batch", null)), "missing_field batch"),
        ["an empty batch"] = Invalid(Some.Body(("batch", "[ ]")), "invalid_value batch"),
        ["a batch that is no array"] = Invalid(Some.Body(("batch", "{}")), "invalid_type batch"),
        ["a key that is no string"] = Invalid(Some.Body(("api_key", "1")), "invalid_type api_key"),
        ["an empty bundle_id"] = Invalid(Some.Body(("bundle_id", "\"\"")), "invalid_value bundle_id"),
        ["a bundle_id of 256"] = Good(Some.Body(("bundle_id", String('é', 256)))),
        ["a bundle_id of 257"] = Invalid(Some.Body(("bundle_id", String('é', 257))), "too_long bundle_id"),
        ["platform ios"] = Good(Some.Body(("platform", "\"ios\""))),
        ["platform android"] = Good(Some.Body(("platform", "\"android\""))),
        ["another platform"] = Invalid(Some.Body(("platform", "\"windows\"")), "invalid_value platform"),
        ["environment staging"] = Good(Some.Body(("environment", "\"staging\""))),
        ["environment development"] = Good(Some.Body(("environment", "\"development\""))),
        ["another environment"] = Invalid(Some.Body(("environment", "\"test\"")), "invalid_value environment"),
        ["a sent_at"] = Good(Some.Body(("sent_at", "\"2026-04-08T12:00:00.123+02:00\""))),
        ["a sent_at that is none"] = Invalid(Some.Body(("sent_at", "\"yesterday\"")), "invalid_timestamp sent_at"),
        ["api_key twice"] = Invalid(Text($$"""{"api_key":"x",{{Encoding.UTF8.GetString(Some.Body())[1..]}}"""), "duplicate_field api_key"),
        ["batch twice"] = Invalid(Text($$"""{"batch":[{}],{{Encoding.UTF8.GetString(Some.Body())[1..]}}"""), "duplicate_field batch"),

        // the events
        ["1,000 events"] = Good(Some.Batch([.. Enumerable.Repeat(Some.Event(), 1_000)])),
        ["1,001 events"] = new(Some.Batch([.. Enumerable.Repeat(Some.Event(), 1_001)]), 429, "too_many_events"),
        ["an event that is no object"] = Invalid(Some.Batch("7"), "invalid_type "),
        ["no event_type"] = Invalid(Some.Batch(Some.Event(("event_type", null))), "missing_field event_type"),
        ["no event_name"] = Invalid(Some.Batch(Some.Event(("event_name", null))), "missing_field event_name"),
        ["no device_id"] = Invalid(Some.Batch(Some.Event(("device_id", null))), "missing_field device_id"),
        ["no session_id"] = Invalid(Some.Batch(Some.Event(("session_id", null))), "missing_field session_id"),
        ["no timestamp"] = Invalid(Some.Batch(Some.Event(("timestamp", null))), "missing_field timestamp"),
        ["an event_type of 256"] = Good(Some.Batch(Some.Event(("event_type", String('日', 256))))),
        ["an event_type of 257"] = Invalid(Some.Batch(Some.Event(("event_type", String('日', 257)))), "too_long event_type"),
        ["an event_name of 2,048"] = Good(Some.Batch(Some.Event(("event_name", String('é', 2_048))))),
        ["an event_name of 2,049"] = Invalid(Some.Batch(Some.Event(("event_name", String('é', 2_049)))), "too_long event_name"),
        ["an event_name of 2,048 pairs"] = Good(Some.Batch(Some.Event(("event_name", $"\"{string.Concat(Enumerable.Repeat(@"\ud83d\ude80", 2_048))}\"")))),
        ["an empty device_id"] = Invalid(Some.Batch(Some.Event(("device_id", "\"\""))), "invalid_value device_id"),
        ["a timestamp without zone"] = Good(Some.Batch(Some.Event(("timestamp", "\"2026-04-08T12:00:00\"")))),
        ["a timestamp of nine digits"] = Good(Some.Batch(Some.Event(("timestamp", "\"2026-04-08T12:00:00.123456789-11:30\"")))),
        ["a timestamp of ten digits"] = Invalid(Some.Batch(Some.Event(("timestamp", "\"2026-04-08T12:00:00.1234567890Z\""))), "invalid_timestamp timestamp"),
        ["a date"] = Invalid(Some.Batch(Some.Event(("timestamp", "\"2026-04-08\""))), "invalid_timestamp timestamp"),
        ["a number for a timestamp"] = Invalid(Some.Batch(Some.Event(("timestamp", "1775649600"))), "invalid_type timestamp"),
        ["properties that are no object"] = Invalid(Some.Batch(Some.Event(("properties", "[]"))), "invalid_type properties"),
        ["no properties"] = Good(Some.Batch(Some.Event(("properties", null)))),
        ["an event_id of 64"] = Good(Some.Batch(Some.Event(("event_id", String('a', 64))))),
        ["an event_id of 65"] = Invalid(Some.Batch(Some.Event(("event_id", String('a', 65)))), "invalid_event_id event_id"),
        ["an event_id with a dot"] = Invalid(Some.Batch(Some.Event(("event_id", "\"a.b\""))), "invalid_event_id event_id"),
        ["device_id twice"] = Invalid(Some.Batch($$"""{"device_id":"x",{{Some.Event()[1..]}}"""), "duplicate_field device_id"),
        ["an event of 64 KiB"] = Good(Some.Batch(EventOf(MaxEvent))),
        ["an event of a byte more"] = Invalid(Some.Batch(EventOf(MaxEvent + 1)), "event_too_large "),
        ["depth 32"] = Good(Some.Batch(Some.Event(("properties", $$"""{"a":{{Nested(28)}}}""")))),
        ["depth 33"] = new(Some.Batch(Some.Event(("properties", $$"""{"a":{{Nested(29)}}}"""))), 400, "malformed_json"),

        // the body
        ["no body"] = new([], 400, "malformed_json"),
        ["no object"] = new(Text("[]"), 400, "malformed_json"),
        ["cut short"] = new(Some.Body()[..^2], 400, "malformed_json"),
        ["something behind it"] = new([.. Some.Body(), (byte)'x'], 400, "malformed_json"),
        ["broken between events"] = new(Some.Body(("batch", $"[{Some.Event()} {Some.Event()}]")), 400, "malformed_json"),
        ["not UTF-8"] = new(Break(Some.Body(("sdk", $"\"{NotUtf8}\""))), 400, "malformed_json"),
        ["4 MiB"] = Good(BodyOf(MaxBody)),
        ["4 MiB and a byte"] = new(BodyOf(MaxBody + 1), 413, "payload_too_large"),
        ["4 MiB, compressed"] = Good(Gzip(BodyOf(MaxBody)), "gzip"),
        ["4 MiB and a byte, compressed"] = new(Gzip(BodyOf(MaxBody + 1)), 413, "payload_too_large", Encoding: "gzip"),
        ["gzip"] = Good(Gzip(Some.Body()), "gzip"),
        ["br"] = Good(Compress(Some.Body(), s => new BrotliStream(s, CompressionLevel.Fastest)), "br"),
        ["deflate"] = Good(Compress(Some.Body(), s => new ZLibStream(s, CompressionLevel.Fastest)), "deflate"),
        ["zstd"] = Good(Compress(Some.Body(), s => new ZstdSharp.CompressionStream(s)), "zstd"),
        ["gzip that is none"] = new(Some.Body(), 400, "malformed_json", Encoding: "gzip"),
        ["an encoding it does not know"] = new(Some.Body(), 415, "unsupported_encoding", Encoding: "lzw"),
        ["text/plain"] = Good(Some.Body()) with { ContentType = "text/plain;charset=UTF-8" },
        ["no content type"] = Good(Some.Body()) with { ContentType = null },
        ["a form"] = new(Some.Body(), 415, "unsupported_media_type", ContentType: "application/x-www-form-urlencoded"),

        // the key
        ["another key"] = new(Some.Body(("api_key", "\"kx_key_other\"")), 401, "invalid_api_key"),
        ["another project"] = new(Some.Body(("project_id", "\"kx_proj_other\"")), 401, "invalid_api_key"),
        ["an expired key"] = new(Some.Body(("api_key", "\"kx_key_expired\"")), 401, "invalid_api_key"),
        ["a revoked key"] = new(Some.Body(("api_key", "\"kx_key_revoked\"")), 401, "invalid_api_key"),
        ["a key for ios only"] = new(Some.Body(("api_key", "\"kx_key_ios\"")), 403, "not_allowed"),
        ["a key for another app"] = new(Some.Body(("api_key", "\"kx_key_app\"")), 403, "not_allowed"),
        ["a key for staging"] = new(Some.Body(("api_key", "\"kx_key_staging\"")), 403, "not_allowed"),
        ["a disabled project"] = new(Some.Body(("project_id", "\"disabled\"")), 403, "not_allowed"),
        ["a wrong key is told before too many events"] = new(Some.Body(("api_key", "\"x\""), ("batch", $"[{string.Join(',', Enumerable.Repeat(Some.Event(), 1_001))}]")), 401, "invalid_api_key"),
    };

    public static TheoryData<string> Names => [.. Rules.Keys];

    [Theory]
    [MemberData(nameof(Names))]
    public async Task Each_rule(string name)
    {
        await ProvisionAsync();
        var rule = Rules[name];

        using var answer = await PostAsync(rule);

        var body = JsonNode.Parse(await answer.Content.ReadAsStringAsync())!;
        Assert.Equal((rule.Status, rule.Code), ((int)answer.StatusCode, (string?)body["code"]));
        Assert.Equal(rule.Status == 200 ? "ok" : "error", (string?)body["status"]);
        if (rule.Error is not null)
        {
            var error = body["errors"]![0]!;
            Assert.Equal(rule.Error, $"{error["code"]} {error["field"]}");
            Assert.NotEmpty((string)error["message"]!);
        }
    }

    [Fact]
    public async Task Of_1000_events_with_one_bad_exactly_999_are_stored()
    {
        var project = $"p_{Guid.NewGuid():N}";
        await new ProjectAdmin(stack.Tables, TimeProvider.System).CreateAsync(project, null, CancellationToken.None);
        await new KeyAdmin(stack.Tables, TimeProvider.System).CreateAsync(project, new ApiKeyEntity(), Some.Key, CancellationToken.None);
        var events = Enumerable.Repeat(Some.Event(), 1_000).ToArray();
        events[3] = Some.Event(("timestamp", "\"soon\""));

        using var answer = await stack.PostAsync(Some.Body(("project_id", $"\"{project}\""), ("batch", $"[{string.Join(',', events)}]")));

        Assert.Equal(
            """{"status":"ok","accepted":999,"rejected":1,"errors":[{"index":3,"field":"timestamp","code":"invalid_timestamp","message":"events[3].timestamp: expected an ISO 8601 date-time such as 2026-04-08T12:00:00Z."}]}""",
            await answer.Content.ReadAsStringAsync());
        Assert.Equal(999, (await stack.StoredAsync(project, 999)).Select(line => (string?)JsonNode.Parse(line)!["event_id"]).Distinct().Count());
    }

    [Fact]
    public async Task The_same_batch_five_times_is_one_set_of_event_ids()
    {
        var project = $"p_{Guid.NewGuid():N}";
        await new ProjectAdmin(stack.Tables, TimeProvider.System).CreateAsync(project, null, CancellationToken.None);
        await new KeyAdmin(stack.Tables, TimeProvider.System).CreateAsync(project, new ApiKeyEntity(), Some.Key, CancellationToken.None);
        var body = Some.Body(("project_id", $"\"{project}\""), ("batch", $"[{Some.Event()},{Some.Event()},{Some.Event(("event_name", "\"other\""))}]"));
        for (var i = 0; i < 5; i++)
        {
            using var answer = await stack.PostAsync(body);
            Assert.Equal("""{"status":"ok","accepted":3}""", await answer.Content.ReadAsStringAsync());
        }

        var ids = (await stack.StoredAsync(project, 15)).Select(line => (string?)JsonNode.Parse(line)!["event_id"]).ToList();
        Assert.Equal(15, ids.Count);
        Assert.Equal(3, ids.Distinct().Count());
    }

    private static Rule Good(byte[] body, string? encoding = null) => new(body, 200, Encoding: encoding);

    private static Rule Invalid(byte[] body, string error) => new(body, 400, "invalid_batch", error);

    private static byte[] Text(string text) => Encoding.UTF8.GetBytes(text);

    private static string String(char character, int count) => $"\"{new string(character, count)}\"";

    private static string Nested(int depth) => new string('[', depth) + new string(']', depth);

    private static string EventOf(int bytes)
    {
        var rest = bytes - Some.Event(("filling", "\"\"")).Length;
        return Some.Event(("filling", String('x', rest)));
    }

    /// <summary>A valid body of so many bytes; white space is what fills it.</summary>
    private static byte[] BodyOf(int bytes)
    {
        var body = Some.Body();
        return [.. body[..^1], .. Enumerable.Repeat((byte)' ', bytes - body.Length), body[^1]];
    }

    /// <summary>Makes the placeholder's bytes invalid.</summary>
    private static byte[] Break(byte[] body)
    {
        var at = body.AsSpan().IndexOf(Encoding.UTF8.GetBytes(NotUtf8));
        body[at] = 0xFF;
        return body;
    }

    private static byte[] Gzip(byte[] body) => Compress(body, s => new GZipStream(s, CompressionLevel.Fastest));

    private static byte[] Compress(byte[] body, Func<Stream, Stream> compressor)
    {
        using var compressed = new MemoryStream();
        using (var stream = compressor(compressed))
        {
            stream.Write(body);
        }

        return compressed.ToArray();
    }

    private async Task<HttpResponseMessage> PostAsync(Rule rule)
    {
        using var content = new ByteArrayContent(rule.Body);
        content.Headers.ContentType = rule.ContentType is null ? null : MediaTypeHeaderValue.Parse(rule.ContentType);
        if (rule.Encoding is not null)
        {
            content.Headers.ContentEncoding.Add(rule.Encoding);
        }

        return await stack.Client.PostAsync(new Uri("/v1/batch", UriKind.Relative), content);
    }

    private async Task ProvisionAsync()
    {
        var keys = new KeyAdmin(stack.Tables, TimeProvider.System);
        await keys.CreateAsync(Some.Project, new ApiKeyEntity { ExpiresAt = DateTimeOffset.UnixEpoch.AddYears(50) }, "kx_key_expired", CancellationToken.None);
        await keys.CreateAsync(Some.Project, new ApiKeyEntity { Enabled = false }, "kx_key_revoked", CancellationToken.None);
        await keys.CreateAsync(Some.Project, new ApiKeyEntity { AllowedPlatforms = "ios" }, "kx_key_ios", CancellationToken.None);
        await keys.CreateAsync(Some.Project, new ApiKeyEntity { AllowedBundleIds = "other" }, "kx_key_app", CancellationToken.None);
        await keys.CreateAsync(Some.Project, new ApiKeyEntity { AllowedEnvironments = "staging" }, "kx_key_staging", CancellationToken.None);
        await keys.CreateAsync("disabled", new ApiKeyEntity(), Some.Key, CancellationToken.None);
        await stack.Tables.GetTableClient(ProjectEntity.Table).UpsertEntityAsync(
            new ProjectEntity { PartitionKey = "disabled", Enabled = false }, cancellationToken: CancellationToken.None);
    }
}
