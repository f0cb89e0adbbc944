using System.IO.Compression;
using System.Net;
using System.Net.Http.Headers;
using System.Text;
using System.Text.Json.Nodes;
using Kixo.Batches;
using Kixo.Cli.Keys;
using Kixo.Cli.Projects;
using Kixo.Keys;
using Kixo.Tests.Support;

namespace Kixo.Tests.Contract;

/// <summary>Real requests and answers, held against the API's description: status, headers, body.</summary>
public sealed class OpenApiAnswerTests(TestStack stack) : IClassFixture<TestStack>
{
    private static readonly Uri Batches = new("/v1/batch", UriKind.Relative);

    private static readonly (string Expected, byte[] Body)[] RefusedContents =
    [
        ("400 malformed_json", "{\n  \"project_id\": oops }"u8.ToArray()),
        ("400 malformed_json", Some.Batch("{oops}")),
        ("400 invalid_batch", "{}"u8.ToArray()),
        ("400 invalid_batch", Some.Body(("platform", "\"linux\""))),
        ("400 invalid_batch", Some.Batch()),
        ("400 invalid_batch", Some.Batch([.. Enumerable.Repeat("{}", 150)])),
        ("401 invalid_api_key", Some.Body(("api_key", "\"kx_key_wrong\""))),
        ("413 payload_too_large", Some.Batch(Some.Event(("properties", $$"""{"long":"{{new string('x', BatchLimits.MaxBodyBytes)}}"}""")))),
        ("429 too_many_events", Some.Batch([.. Enumerable.Repeat(Some.Event(), 1_001)])),
    ];

    private readonly ApiDocument _document = new();

    /// <summary>Changes to a valid batch of one event.</summary>
    public static TheoryData<string, string?> Changes => new()
    {
        { "event_type", null }, { "event_type", "7" }, { "event_type", "\"\"" }, { "event_type", Long(256) }, { "event_type", Long(257) },
        { "event_name", Long(2_048) }, { "event_name", Long(2_049) },
        { "device_id", null }, { "session_id", Long(256) }, { "session_id", Long(257) },
        { "timestamp", null }, { "timestamp", "1775649600" }, { "timestamp", "\"yesterday\"" }, { "timestamp", "\"2026-04-08\"" },
        { "timestamp", "\"2026-04-08T12:00:00\"" }, { "timestamp", "\"2026-04-08t12:00:00.123456789z\"" }, { "timestamp", "\"2026-04-08T12:00:00.Z\"" },
        { "timestamp", "\"2026-04-08T12:00:00.1234567890Z\"" }, { "timestamp", "\"2026-04-08 12:00:00Z\"" }, { "timestamp", "\"2026-04-08T12:00Z\"" },
        { "timestamp", "\"2026-04-08T12:00:00+02\"" }, { "timestamp", "\"2026-04-08T12:00:00+0200\"" }, { "timestamp", "\"2026-04-08T12:00:00-02:30\"" },
        { "timestamp", "\"2026-04-08T12:00:00+2\"" },
        { "properties", null }, { "properties", "null" }, { "properties", "[]" }, { "properties", """{"a":[{"b":null}]}""" },
        { "event_id", "null" }, { "event_id", "\"\"" }, { "event_id", Long(64) }, { "event_id", Long(65) }, { "event_id", "\"a b\"" }, { "event_id", "7" },
        { "something_else", "[1]" },
        { "environment", "null" }, { "environment", "\"staging\"" }, { "environment", "\"qa\"" },
        { "sent_at", "null" }, { "sent_at", "\"2026-04-08T12:00:05.25Z\"" }, { "sent_at", "\"now\"" },
        { "platform", "\"ios\"" }, { "platform", "\"iOS\"" }, { "platform", "null" },
        { "bundle_id", null }, { "bundle_id", Long(256) }, { "bundle_id", Long(257) },
        { "project_id", "7" }, { "api_key", Long(257) },
        { "batch", "{}" }, { "batch", "[]" }, { "batch", "[7]" },
    };

    [Fact]
    public async Task The_documented_requests_are_accepted()
    {
        var examples = _document.Root["paths"]!["/v1/batch"]!["post"]!["requestBody"]!["content"]!["application/json"]!["examples"]!.AsObject();
        foreach (var (_, example) in examples)
        {
            using var answer = await stack.PostAsync(example!["value"]!.ToJsonString());

            Assert.Equal("200 ", await DocumentedAsync(answer));
        }
    }

    [Theory]
    [MemberData(nameof(Changes))]
    public async Task What_is_accepted_is_what_the_schema_of_a_batch_says(string field, string? json)
    {
        var ofEnvelope = _document.Schema("Batch")["properties"]!.AsObject().ContainsKey(field);
        var body = ofEnvelope ? Some.Body((field, json)) : Some.Batch(Some.Event(), Some.Event((field, json)));

        using var answer = await stack.PostAsync(body);

        var outcome = await DocumentedAsync(answer);
        Assert.Contains(outcome, (string[])["200 ", "400 invalid_batch"]);
        var accepted = outcome == "200 " && (await JsonAsync(answer))["rejected"] is null;
        Assert.Equal(accepted, await _document.ProblemAsync(_document.Schema("Batch"), Text(body)) is null);
    }

    [Fact]
    public async Task Refused_contents_are_answered_as_documented()
    {
        foreach (var (expected, body) in RefusedContents)
        {
            using var answer = await stack.PostAsync(body);

            Assert.Equal(expected, await DocumentedAsync(answer));
        }
    }

    [Fact]
    public async Task More_than_a_hundred_rejected_events_are_counted_and_a_hundred_named()
    {
        using var answer = await stack.PostAsync(Some.Batch([Some.Event(), .. Enumerable.Repeat("{}", 150)]));

        Assert.Equal("200 ", await DocumentedAsync(answer));
        Assert.Equal((1, 150), ((int)(await JsonAsync(answer))["accepted"]!, (int)(await JsonAsync(answer))["rejected"]!));
    }

    [Theory]
    [InlineData("200 ", "application/json; charset=utf-8", "gzip")]
    [InlineData("200 ", "text/plain;charset=UTF-8", null)]
    [InlineData("200 ", null, null)]
    [InlineData("400 malformed_json", "application/json", "br")]
    [InlineData("415 unsupported_media_type", "application/x-www-form-urlencoded", null)]
    [InlineData("415 unsupported_encoding", "application/json", "compress")]
    public async Task Types_and_encodings_are_answered_as_documented(string expected, string? type, string? encoding)
    {
        using var content = new ByteArrayContent(encoding == "gzip" ? Gzip(Some.Body()) : Some.Body());
        content.Headers.ContentType = type is null ? null : MediaTypeHeaderValue.Parse(type);
        if (encoding is not null)
        {
            content.Headers.ContentEncoding.Add(encoding);
        }

        using var answer = await stack.Client.PostAsync(Batches, content);

        Assert.Equal(expected, await DocumentedAsync(answer));
    }

    [Fact]
    public async Task A_body_that_is_too_large_only_once_decompressed_is_413_too()
    {
        using var content = new ByteArrayContent(Gzip(new byte[BatchLimits.MaxBodyBytes + 1]));
        content.Headers.ContentEncoding.Add("gzip");

        using var answer = await stack.Client.PostAsync(Batches, content);

        Assert.Equal("413 payload_too_large", await DocumentedAsync(answer));
    }

    [Fact]
    public async Task What_a_key_does_not_allow_and_too_many_requests_are_answered_as_documented()
    {
        var project = $"p_{Guid.NewGuid():N}";
        var entity = await new ProjectAdmin(stack.Tables, TimeProvider.System).CreateAsync(project, null, CancellationToken.None);
        entity.RequestsPerSecond = 1;
        await stack.Tables.GetTableClient(ProjectEntity.Table).UpsertEntityAsync(entity);
        var key = await new KeyAdmin(stack.Tables, TimeProvider.System)
            .CreateAsync(project, new ApiKeyEntity { AllowedPlatforms = "ios" }, null, CancellationToken.None);

        using var web = await stack.PostAsync(Body("web"));
        Assert.Equal("403 not_allowed", await DocumentedAsync(web));

        await TestStack.EventuallyAsync(async () =>
        {
            using var ios = await stack.PostAsync(Body("ios"));
            var outcome = await DocumentedAsync(ios);
            Assert.Contains(outcome, (string[])["200 ", "429 rate_limited"]);
            Assert.Equal(outcome == "429 rate_limited", ios.Headers.RetryAfter is not null);
            return outcome == "429 rate_limited";
        }, () => "a second request in the same second");

        byte[] Body(string platform) => Some.Body(("project_id", $"\"{project}\""), ("api_key", $"\"{key}\""), ("platform", $"\"{platform}\""));
    }

    [Fact]
    public async Task Paths_methods_and_preflights_are_answered_as_documented()
    {
        using var path = await stack.Client.PostAsync(new Uri("/v2/batch", UriKind.Relative), new StringContent("{}"));
        Assert.Equal("404 not_found", await DocumentedAsync(path));

        foreach (var method in (string[])["GET", "PUT", "DELETE"])
        {
            using var request = new HttpRequestMessage(new HttpMethod(method), Batches);
            using var answer = await stack.Client.SendAsync(request);
            Assert.Equal("405 method_not_allowed", await DocumentedAsync(answer));
        }

        using var asks = new HttpRequestMessage(HttpMethod.Options, Batches);
        asks.Headers.Add("Origin", "https://example.com");
        asks.Headers.Add("Access-Control-Request-Method", "POST");
        using var preflight = await stack.Client.SendAsync(asks);
        Assert.Null(await _document.ProblemAsync(preflight, "/v1/batch", "options"));
        Assert.Equal(HttpStatusCode.NoContent, preflight.StatusCode);
        Assert.Equal("POST, OPTIONS", preflight.Headers.GetValues("Access-Control-Allow-Methods").Single());
    }

    [Fact]
    public async Task Without_the_hub_batches_and_readiness_are_answered_as_documented()
    {
        await ReadyBecomesAsync(HttpStatusCode.OK);
        await stack.StopHubAsync();
        try
        {
            await TestStack.EventuallyAsync(async () =>
            {
                using var answer = await stack.PostAsync(Some.Body());
                Assert.False(answer.IsSuccessStatusCode);
                return await DocumentedAsync(answer) == "503 unavailable";
            }, () => "a 503");
            await ReadyBecomesAsync(HttpStatusCode.ServiceUnavailable);
        }
        finally
        {
            await stack.StartHubAsync();
            await ReadyBecomesAsync(HttpStatusCode.OK);
        }
    }

    [Fact]
    public async Task Liveness_is_answered_as_documented()
    {
        using var answer = await stack.Client.GetAsync(new Uri("/health/live", UriKind.Relative));

        Assert.Null(await _document.ProblemAsync(answer, "/health/live", "get"));
    }

    [Fact]
    public async Task The_description_is_served_and_not_sent_again_to_who_has_it()
    {
        var address = new Uri("/v1/openapi.json", UriKind.Relative);
        using var first = await stack.Client.GetAsync(address);
        Assert.Null(await _document.ProblemAsync(first, "/v1/openapi.json", "get"));
        var served = await first.Content.ReadAsByteArrayAsync();
        Assert.Equal(_document.JsonText, Text(served));
        Assert.Equal($"{served.Length}", first.Content.Headers.NonValidated["Content-Length"].ToString());

        using var again = new HttpRequestMessage(HttpMethod.Get, address);
        again.Headers.IfNoneMatch.Add(first.Headers.ETag!);
        using var second = await stack.Client.SendAsync(again);
        Assert.Equal(HttpStatusCode.NotModified, second.StatusCode);
        Assert.Null(await _document.ProblemAsync(second, "/v1/openapi.json", "get"));
    }

    [Theory]
    [InlineData(400, """{"status":"error","code":"malformed_json","message":"","retryable":true}""")]
    [InlineData(400, """{"status":"error","code":"unavailable","message":"","retryable":false}""")]
    [InlineData(400, """{"status":"error","code":"malformed_json","retryable":false}""")]
    [InlineData(400, """{"status":"error","code":"malformed_json","message":"","retryable":false,"more":1}""")]
    [InlineData(402, """{"status":"error","code":"malformed_json","message":"","retryable":false}""")]
    public async Task Other_answers_would_not_pass(int status, string body)
    {
        using var answer = new HttpResponseMessage((HttpStatusCode)status) { Content = new StringContent(body, new MediaTypeHeaderValue("application/json")) };

        Assert.NotNull(await _document.ProblemAsync(answer, "/v1/batch", "post"));
    }

    /// <summary>The status and the code, once the answer is found to be as documented.</summary>
    private async Task<string> DocumentedAsync(HttpResponseMessage answer)
    {
        Assert.Null(await _document.ProblemAsync(answer, "/v1/batch", "post"));
        Assert.Equal("*", answer.Headers.GetValues("Access-Control-Allow-Origin").Single());
        return $"{(int)answer.StatusCode} {(string?)(await JsonAsync(answer))["code"]}";
    }

    private Task ReadyBecomesAsync(HttpStatusCode expected) => TestStack.EventuallyAsync(async () =>
    {
        using var answer = await stack.Client.GetAsync(new Uri("/health/ready", UriKind.Relative));
        Assert.Null(await _document.ProblemAsync(answer, "/health/ready", "get"));
        return answer.StatusCode == expected;
    }, () => $"GET /health/ready to answer {expected}");

    private static async Task<JsonNode> JsonAsync(HttpResponseMessage answer) => JsonNode.Parse(await answer.Content.ReadAsStringAsync())!;

    private static string Text(byte[] body) => Encoding.UTF8.GetString(body);

    private static string Long(int characters) => $"\"{new string('x', characters)}\"";

    private static byte[] Gzip(byte[] body)
    {
        using var compressed = new MemoryStream();
        using (var gzip = new GZipStream(compressed, CompressionLevel.Fastest))
        {
            gzip.Write(body);
        }

        return compressed.ToArray();
    }
}
