using System.Net;
using System.Text;
using Azure.Messaging.EventHubs;
using Azure.Messaging.EventHubs.Producer;
using Kixo.Local;
using Kixo.Persistence;
using Kixo.Tests.Support;

namespace Kixo.Tests.EndToEnd;

/// <summary>What fails, what the client sees meanwhile, and what is stored in the end. Each test has servers of its own.</summary>
public sealed class OutageTests : IAsyncLifetime
{
    private readonly TestStack _stack = new();
    private readonly HashSet<string> _acknowledged = [];
    private int _sent;

    public Task InitializeAsync() => _stack.InitializeAsync();

    public Task DisposeAsync() => _stack.DisposeAsync();

    [Fact]
    public async Task Storage_away_loses_no_acknowledged_event()
    {
        await PostAsync(10);
        await _stack.StopStorageAsync();
        await PostAsync(20);
        await ReadyBecomesAsync(HttpStatusCode.ServiceUnavailable);
        await _stack.StartStorageAsync();
        await PostAsync(10);

        await AcknowledgedIsStoredOnceAsync();
        await ReadyBecomesAsync(HttpStatusCode.OK);
    }

    [Fact]
    public async Task Hub_away_is_503_and_what_is_sent_again_is_stored()
    {
        await PostAsync(5);
        await _stack.StopHubAsync();
        await TestStack.EventuallyAsync(async () =>
        {
            using var answer = await _stack.PostAsync(Body("during"));
            Assert.False(answer.IsSuccessStatusCode);
            Assert.NotNull(answer.Headers.RetryAfter);
            return answer.StatusCode == HttpStatusCode.ServiceUnavailable;
        }, () => "a 503");

        await _stack.StartHubAsync();
        await TestStack.EventuallyAsync(async () =>
        {
            using var answer = await _stack.PostAsync(Body("during"));
            return answer.IsSuccessStatusCode && _acknowledged.Add("during");
        }, () => "the hub to be found again");

        // What was sent again may be stored again: also a batch whose answer is 503 can have come to the hub.
        await AcknowledgedIsStoredOnceAsync(except: "during");
    }

    [Fact]
    public async Task An_app_that_is_killed_goes_on_where_it_was()
    {
        await PostAsync(20);
        await _stack.KillAppAsync();
        await _stack.StartAppAsync();
        await PostAsync(20);

        await AcknowledgedIsStoredOnceAsync();
    }

    [Fact]
    public async Task Events_that_come_through_a_hub_made_again_in_the_same_hour_are_stored_though_it_counts_from_0()
    {
        await PostAsync(30);
        await AcknowledgedIsStoredOnceAsync();
        await _stack.KillAppAsync();
        await _stack.RemakeHubAsync();
        await _stack.StartAppAsync();
        await PostAsync(10);

        await AcknowledgedIsStoredOnceAsync();
    }

    [Fact]
    public async Task A_message_that_cannot_be_read_goes_to_dead_letters_and_the_rest_goes_on()
    {
        await PostAsync(5);
        await using var producer = new EventHubProducerClient(_stack.EventHub, EventChunk.Hub);
        await producer.SendAsync([new EventData("no chunk") { Properties = { ["schema"] = "other" } }], CancellationToken.None);
        var damaged = new EventChunk("p", "production", TimeProvider.System.GetUtcNow().UtcDateTime, 1, ChunkEncoding.Zstd, "no zstd"u8.ToArray());
        await producer.SendAsync([damaged.ToMessage()], new SendEventOptions { PartitionKey = Provisioning.ProjectId }, CancellationToken.None);
        await PostAsync(5);

        await AcknowledgedIsStoredOnceAsync();
        var letters = _stack.Blobs.GetBlobContainerClient(DeadLetters.Container);
        var bodies = new List<string>();
        await TestStack.EventuallyAsync(async () =>
        {
            bodies.Clear();
            await foreach (var letter in letters.GetBlobsAsync(cancellationToken: CancellationToken.None))
            {
                var content = (await letters.GetBlobClient(letter.Name).DownloadContentAsync(CancellationToken.None)).Value.Content;
                bodies.Add(Encoding.UTF8.GetString(DeadLetter.Parse(content).Body!));
            }

            return bodies.Count >= 2;
        }, () => "two dead letters");
        Assert.Equal(["no chunk", "no zstd"], bodies.Order(StringComparer.Ordinal));
    }

    /// <summary>Posts that many batches of one event each, and remembers which were acknowledged.</summary>
    private async Task PostAsync(int count)
    {
        for (var i = 0; i < count; i++)
        {
            var id = $"e{_sent++}";
            using var answer = await _stack.PostAsync(Body(id));
            Assert.Contains(answer.StatusCode, (HttpStatusCode[])[HttpStatusCode.OK, HttpStatusCode.ServiceUnavailable, HttpStatusCode.TooManyRequests]);
            if (answer.IsSuccessStatusCode)
            {
                _acknowledged.Add(id);
            }
        }
    }

    /// <param name="except">One that may be stored more than once.</param>
    private async Task AcknowledgedIsStoredOnceAsync(string? except = null)
    {
        Assert.NotEmpty(_acknowledged);
        var stored = await _stack.StoredIdsAsync(Provisioning.ProjectId, _acknowledged);
        Assert.Distinct(stored.Where(id => id != except));
    }

    // Eventually, since an answer of the last seconds still counts.
    private Task ReadyBecomesAsync(HttpStatusCode expected) => TestStack.EventuallyAsync(async () =>
    {
        using var answer = await _stack.Client.GetAsync(new Uri("/health/ready", UriKind.Relative));
        return answer.StatusCode == expected;
    }, () => $"GET /health/ready to answer {expected}");

    private static string Body(string eventId) =>
        $$"""
        {"project_id":"{{Provisioning.ProjectId}}","api_key":"{{Provisioning.ApiKey}}","bundle_id":"com.example.app","platform":"ios",
         "batch":[{"event_type":"tap","event_name":"buy","device_id":"device_001","session_id":"s","timestamp":"2026-04-08T12:00:00Z","event_id":"{{eventId}}"}]}
        """;
}
