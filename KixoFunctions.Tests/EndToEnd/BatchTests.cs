using System.Net;
using System.Text.Json.Nodes;
using Kixo.Cli.Keys;
using Kixo.Cli.Projects;
using Kixo.Keys;
using Kixo.Local;
using Kixo.Tests.Support;

namespace Kixo.Tests.EndToEnd;

/// <summary>Batches posted over HTTP to the real app on real Azurite and the real emulator. Each test has a project of its own.</summary>
public sealed class BatchTests(TestStack stack) : IClassFixture<TestStack>
{
    [Fact]
    public async Task The_documented_example_is_answered_as_documented_and_ends_in_the_lake()
    {
        using var answer = await stack.PostAsync(
            """
            {
              "project_id": "kx_proj_abc123", "api_key": "kx_key_xyz789",
              "bundle_id": "com.example.app", "platform": "web",
              "batch": [{ "event_type": "page_view", "event_name": "/pricing", "device_id": "d_001", "session_id": "s_001",
                          "timestamp": "2026-04-08T12:00:00Z", "properties": { "referrer": "https://google.com" } }]
            }
            """);

        Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
        Assert.Equal("""{"status":"ok","accepted":1}""", await answer.Content.ReadAsStringAsync());
        Assert.Equal("\"project\";q=100;w=1", answer.Headers.GetValues("RateLimit-Policy").Single());

        var line = JsonNode.Parse((await stack.StoredAsync(Provisioning.ProjectId, 1)).Single())!.AsObject();
        Assert.Equal(
            [
                "event_id", "project_id", "bundle_id", "platform", "environment", "event_type", "event_name", "device_id", "session_id",
                "timestamp", "original_timestamp", "received_at", "properties",
            ],
            line.Select(member => member.Key));
        Assert.Equal("/pricing", (string?)line["event_name"]);
        Assert.Equal("production", (string?)line["environment"]);
        Assert.Equal("2026-04-08T12:00:00.000Z", (string?)line["timestamp"]);
        Assert.Equal("https://google.com", (string?)line["properties"]!["referrer"]);
    }

    [Fact]
    public async Task A_wrong_key_is_401_whatever_is_wrong_with_it()
    {
        var (project, _) = await CreateProjectAsync();

        foreach (var body in (string[])[Batch(project, "kx_key_wrong"), Batch("kx_proj_unknown", "kx_key_xyz789"), Batch("no/project", "x")])
        {
            using var answer = await stack.PostAsync(body);
            Assert.Equal(HttpStatusCode.Unauthorized, answer.StatusCode);
            Assert.Equal("invalid_api_key", await CodeAsync(answer));
        }
    }

    [Fact]
    public async Task What_is_not_JSON_is_400_and_says_where()
    {
        using var answer = await stack.PostAsync("{\n  \"project_id\": oops }");

        Assert.Equal(HttpStatusCode.BadRequest, answer.StatusCode);
        var error = await ErrorAsync(answer);
        Assert.Equal("malformed_json", (string?)error["code"]);
        Assert.Contains("line 2, byte 17", (string?)error["message"], StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_thousand_events_are_taken_and_one_more_is_429()
    {
        var (project, key) = await CreateProjectAsync();

        using var most = await stack.PostAsync(Batch(project, key, 1_000));
        using var more = await stack.PostAsync(Batch(project, key, 1_001));

        Assert.Equal(HttpStatusCode.OK, most.StatusCode);
        Assert.Equal(HttpStatusCode.TooManyRequests, more.StatusCode);
        Assert.Null(more.Headers.RetryAfter);
        var error = await ErrorAsync(more);
        Assert.Equal("too_many_events", (string?)error["code"]);
        Assert.Equal(1_000, (int?)error["max_events"]);
        Assert.False((bool?)error["retryable"]);
    }

    [Fact]
    public async Task Of_150_requests_at_once_no_second_lets_more_than_its_10_in()
    {
        const int Limit = 10; // too low for a slow machine to need no refusal
        var (project, key) = await CreateProjectAsync();
        await new ProjectAdmin(stack.Tables, TimeProvider.System).SetLimitAsync(project, Limit, CancellationToken.None);
        await stack.PostUntilAsync(HttpStatusCode.OK, Body("first")); // key and counter are known now: the burst is about permits only

        var posts = await Task.WhenAll(Enumerable.Range(0, 150).Select(async i =>
            (Id: $"e{i}", Sent: TimeProvider.System.GetUtcNow(), Answer: await stack.PostAsync(Body($"e{i}")))));

        var accepted = posts.Where(post => post.Answer.StatusCode == HttpStatusCode.OK).ToList();
        var throttled = posts.Select(post => post.Answer).Where(answer => answer.StatusCode == HttpStatusCode.TooManyRequests).ToList();
        Assert.Equal(150, accepted.Count + throttled.Count);
        var letIn = LetIn.Of(accepted.Select(post => (post.Id, post.Sent)), await stack.StoredAsync(project, accepted.Count + 1));
        Assert.Empty(LetIn.IntervalsAbove(Limit, letIn));
        Assert.NotEmpty(throttled);
        Assert.All(throttled, answer => Assert.Equal(1, answer.Headers.RetryAfter?.Delta?.TotalSeconds));
        Assert.All(throttled, answer => Assert.Contains("r=0", answer.Headers.GetValues("RateLimit").Single(), StringComparison.Ordinal));

        byte[] Body(string eventId) =>
            Some.Body(("project_id", $"\"{project}\""), ("api_key", $"\"{key}\""), ("batch", $"[{Some.Event(("event_id", $"\"{eventId}\""))}]"));
    }

    [Fact]
    public async Task Ten_thousand_events_with_mixed_properties_come_back_equal()
    {
        var (project, key) = await CreateProjectAsync();
        var sent = new Dictionary<string, JsonNode?>();
        for (var batch = 0; batch < 10; batch++)
        {
            var events = Enumerable.Range(batch * 1_000, 1_000).Select(i =>
            {
                var properties = MixedProperties(i);
                sent.Add($"e{i}", JsonNode.Parse(properties));
                return $$"""
                    { "event_type":"custom", "event_name":"n{{i}}", "device_id":"device_001", "session_id":"s",
                      "timestamp":"2026-04-08T12:00:00.{{i % 1000:000}}Z", "event_id":"e{{i}}", "properties":{{properties}} }
                    """;
            });
            using var answer = await stack.PostAsync(Envelope(project, key, events));
            Assert.Equal("""{"status":"ok","accepted":1000}""", await answer.Content.ReadAsStringAsync());
        }

        var stored = await stack.StoredAsync(project, sent.Count);

        Assert.Equal(sent.Count, stored.Count);
        foreach (var line in stored.Select(line => JsonNode.Parse(line)!))
        {
            Assert.True(sent.Remove((string)line["event_id"]!, out var properties));
            Assert.True(JsonNode.DeepEquals(properties, line["properties"]), line.ToJsonString());
        }
    }

    [Fact]
    public async Task A_new_key_works_at_once_and_a_revoked_one_no_longer()
    {
        var (project, _) = await CreateProjectAsync();
        var keys = new KeyAdmin(stack.Tables, TimeProvider.System);
        var key = await keys.CreateAsync(project, new ApiKeyEntity(), null, CancellationToken.None);

        using var answer = await stack.PostAsync(Batch(project, key));
        Assert.Equal(HttpStatusCode.OK, answer.StatusCode);

        await keys.RevokeAsync(project, key, CancellationToken.None);
        await TestStack.EventuallyAsync(async () =>
        {
            using var after = await stack.PostAsync(Batch(project, key));
            return after.StatusCode == HttpStatusCode.Unauthorized;
        }, () => "the revoked key to be refused");
    }

    [Fact]
    public async Task A_disabled_project_and_a_key_for_something_else_are_403()
    {
        var (project, key) = await CreateProjectAsync();
        var iosOnly = await new KeyAdmin(stack.Tables, TimeProvider.System)
            .CreateAsync(project, new ApiKeyEntity { AllowedPlatforms = "ios" }, null, CancellationToken.None);
        using var web = await stack.PostAsync(Batch(project, iosOnly));
        Assert.Equal((HttpStatusCode.Forbidden, "not_allowed"), (web.StatusCode, await CodeAsync(web)));

        await new ProjectAdmin(stack.Tables, TimeProvider.System).SetEnabledAsync(project, enabled: false, CancellationToken.None);
        await TestStack.EventuallyAsync(async () =>
        {
            using var answer = await stack.PostAsync(Batch(project, key));
            return answer.StatusCode == HttpStatusCode.Forbidden;
        }, () => "the disabled project to be refused");
    }

    [Fact]
    public async Task A_changed_limit_holds_and_the_default_comes_back()
    {
        var (project, key) = await CreateProjectAsync();
        var projects = new ProjectAdmin(stack.Tables, TimeProvider.System);

        await projects.SetLimitAsync(project, 2, CancellationToken.None);
        await LimitBecomesAsync(2);
        var answers = await Task.WhenAll(Enumerable.Range(0, 50).Select(_ => stack.PostAsync(Batch(project, key))));
        Assert.Contains(answers, answer => answer.StatusCode == HttpStatusCode.TooManyRequests);

        await projects.SetLimitAsync(project, null, CancellationToken.None);
        await LimitBecomesAsync(100);

        Task LimitBecomesAsync(int limit) => TestStack.EventuallyAsync(async () =>
        {
            using var answer = await stack.PostAsync(Batch(project, key));
            return answer.Headers.GetValues("RateLimit-Policy").Single() == $"\"project\";q={limit};w=1";
        }, () => $"the limit to be {limit}");
    }

    private async Task<(string Project, string Key)> CreateProjectAsync()
    {
        var project = $"p_{Guid.NewGuid():N}";
        await new ProjectAdmin(stack.Tables, TimeProvider.System).CreateAsync(project, null, CancellationToken.None);
        return (project, await new KeyAdmin(stack.Tables, TimeProvider.System).CreateAsync(project, new ApiKeyEntity(), null, CancellationToken.None));
    }

    private static string Batch(string project, string key, int events = 1) => Envelope(project, key, Enumerable.Range(0, events).Select(i =>
        $$"""{"event_type":"tap","event_name":"buy","device_id":"d_{{i}}","session_id":"s","timestamp":"2026-04-08T12:00:00Z"}"""));

    private static string Envelope(string project, string key, IEnumerable<string> events) =>
        $$"""{"project_id":"{{project}}","api_key":"{{key}}","bundle_id":"com.example.app","platform":"web","batch":[{{string.Join(',', events)}}]}""";

    // Nested, non-ASCII, escaped, numbers at the edges, line breaks between tokens.
    private static string MixedProperties(int i) => (i % 5) switch
    {
        0 => "{}",
        1 => $$"""{ "a": { "b": [ 1, { "c": [[]] }, null, true ] }, "n": {{i}} }""",
        2 => "{\r\n\"line\" :\n\t[ 1 ,\r\n 2 ] , \"text\":\"\\n stays, [ { \\\" too\" }",
        3 => $$"""{"größe":"日本語 🚀 \u00e9 \ud83d\ude80","n":{{i}},"empty":""}""",
        _ => "{\"max\":9223372036854775807,\"min\":-9223372036854775808,\"tiny\":5e-324,\"big\":1.7976931348623157e308,\"exact\":0.1000000000000000055511151231257827,\"zero\":-0}",
    };

    private static async Task<JsonNode> ErrorAsync(HttpResponseMessage answer) => JsonNode.Parse(await answer.Content.ReadAsStringAsync())!;

    private static async Task<string?> CodeAsync(HttpResponseMessage answer) => (string?)(await ErrorAsync(answer))["code"];
}
