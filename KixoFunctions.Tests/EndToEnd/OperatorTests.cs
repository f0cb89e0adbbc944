using System.Text.Json.Nodes;
using Azure.Messaging.EventHubs;
using Azure.Messaging.EventHubs.Producer;
using Kixo.Cli;
using Kixo.Persistence;
using Kixo.Tests.Cli.Verify;
using Kixo.Tests.Support;

namespace Kixo.Tests.EndToEnd;

/// <summary>What an operator does with <c>kixo</c>, as a program, on the real app's storage and hub.</summary>
public sealed class OperatorTests(TestStack stack) : IClassFixture<TestStack>, IDisposable
{
    private readonly TestFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task A_poison_message_is_told_and_what_can_be_read_by_now_comes_in_once_however_often_it_is_replayed()
    {
        // Between good messages of its partition, one of a version that the app does not know.
        await using var producer = new EventHubProducerClient(stack.EventHub, EventChunk.Hub);
        await SendAsync(producer, Message("a", "b"));
        var poison = Message("c");
        poison.Properties["schema"] = "kixo.events/2";
        await SendAsync(producer, poison);
        await SendAsync(producer, Message("d"));
        await stack.StoredAsync(Some.Project, 3);

        var letter = Assert.Single((await KixoAsync("dead-letters", "list", "--output", "json")).AsArray())!;
        Assert.Equal("waiting", (string?)letter["state"]);
        Assert.Equal(Some.Project, (string?)letter["project_id"]);
        Assert.Equal("schema: expected kixo.events/1.", (string?)letter["reason"]);
        var id = (string)letter["id"]!;
        var shown = await KixoAsync("dead-letters", "show", id, "--output", "json");
        Assert.Contains("\"event_id\":\"c\"", (string?)shown["decoded"]!["start"], StringComparison.Ordinal);
        Assert.Equal("kixo.events/2", (string?)shown["letter"]!["properties"]!["schema"]!["value"]);

        // The cause is still there: it comes back as another letter.
        await ReplayAsync(id);
        await TestStack.EventuallyAsync(
            async () => (await KixoAsync("dead-letters", "list", "--output", "json")).AsArray().Count == 2, () => "the message to come back");

        // The app of today can read this one.
        var readable = Message("e", "f");
        var received = EventHubsModelFactory.EventData(
            readable.EventBody, readable.Properties, partitionKey: Some.Project, sequenceNumber: 1_000, enqueuedTime: TimeProvider.System.GetUtcNow());
        await new DeadLetters(stack.Blobs).StoreAsync(received, "0", "An older app could not read it.", CancellationToken.None);
        var both = await Task.WhenAll(ReplayAsync("--reason", "older app"), ReplayAsync("--reason", "older app"));
        Assert.Single(both.SelectMany(done => done), "replayed");
        Assert.Empty(await ReplayAsync("--reason", "older app"));

        await SendAsync(producer, Message("g"));
        var stored = await stack.StoredAsync(Some.Project, 6);
        Assert.Equal(["a", "b", "d", "e", "f", "g"], stored.Select(line => (string)JsonNode.Parse(line)!["event_id"]!).Order(StringComparer.Ordinal));

        var report = await KixoAsync("verify", "--project", Some.Project, "--output", "json");
        Assert.Equal((6, 0, 0), ((int)report["events"]!, (int)report["defect_count"]!, (int)report["repeated"]!));
        var counted = await KixoAsync("query", "select event_name, count(*) as n from events group by 1", "--since", "1d", "--output", "json", "--no-cache");
        Assert.Equal("""[{"event_name":"/pricing","n":6}]""", counted.ToJsonString());
    }

    private async Task<IEnumerable<string>> ReplayAsync(params string[] which) =>
        (await KixoAsync(["dead-letters", "replay", .. which, "--event-hub", stack.EventHub, "--output", "json"])).AsArray().Select(done => (string)done!["outcome"]!);

    private async Task<JsonNode> KixoAsync(params string[] arguments)
    {
        await using var kixo = TestProgram.Start(typeof(CliException).Assembly, _folder.Path, [.. arguments, "--storage", stack.Storage]);
        await kixo.EndedAsync();
        Assert.True(kixo.ExitCode == 0, kixo.Output);
        return JsonNode.Parse(kixo.Output)!;
    }

    private static EventData Message(params string[] ids)
    {
        var now = TimeProvider.System.GetUtcNow().UtcDateTime;
        var lines = Stored.WithIds(now, ids);
        return new EventChunk(Some.Project, "production", now, ids.Length, ChunkEncoding.Zstd, Stored.Frame(lines)).ToMessage();
    }

    private static Task SendAsync(EventHubProducerClient producer, EventData message) =>
        producer.SendAsync([message], new SendEventOptions { PartitionKey = Some.Project }, CancellationToken.None);
}
