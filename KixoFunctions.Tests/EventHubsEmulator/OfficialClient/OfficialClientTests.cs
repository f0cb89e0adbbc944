using System.Text.Json;
using Kixo.EventHubsEmulator;
using Kixo.Local;
using Kixo.Tests.Support;

namespace Kixo.Tests.EventHubsEmulator.OfficialClient;

/// <summary>The emulator with the official client for JavaScript. Each test has a hub of its own.</summary>
public sealed class OfficialClientTests(OfficialClientTests.Fixture fixture) : IClassFixture<OfficialClientTests.Fixture>
{
    [Fact]
    public async Task Properties_DescribeHubAndPartition()
    {
        var properties = await RunAsync("properties", new { fixture.ConnectionString, hub = "properties" });

        var (hub, partition) = (properties.GetProperty("hub"), properties.GetProperty("partition"));
        Assert.Equal("properties", hub.GetProperty("name").GetString());
        Assert.Equal(["0", "1"], Strings(hub.GetProperty("partitionIds")));
        Assert.Equal("0", partition.GetProperty("partitionId").GetString());
        Assert.True(partition.GetProperty("isEmpty").GetBoolean());
        Assert.Equal(-1, partition.GetProperty("lastEnqueuedSequenceNumber").GetInt64());
    }

    [Fact]
    public async Task UnknownHub_IsNotFound()
    {
        var asked = await NodeClient.RunAsync("properties", new { fixture.ConnectionString, hub = "nowhere", maxRetries = 5 });
        var sent = await NodeClient.RunAsync("sizes", new { fixture.ConnectionString, hub = "nowhere", sizes = new[] { 1 } });

        Assert.Equal("MessagingEntityNotFoundError", Code(asked.GetProperty("error")));
        Assert.Equal("MessagingEntityNotFoundError", Code(Assert.Single(sent.GetProperty("errors").EnumerateArray())));
    }

    [Fact]
    public async Task Send_OneAndMany_ToAPartition_ArriveInOrder()
    {
        var toPartition = new { partitionId = "1" };
        var sent = await RunAsync("send", new
        {
            fixture.ConnectionString,
            hub = "partition",
            sends = new[] { new { events = (string[])["a"], options = toPartition }, new { events = (string[])["b", "c"], options = toPartition } },
        });
        var read = await RunAsync("read", new { fixture.ConnectionString, hub = "partition", partitionId = "1", count = 3 });

        Assert.Equal([0, 3], Counts(sent));
        Assert.Equal(["a", "b", "c"], Events(read, "body"));
        Assert.Equal([0, 1, 2], read.GetProperty("events").EnumerateArray().Select(each => each.GetProperty("sequenceNumber").GetInt32()));
    }

    [Fact]
    public async Task Send_WithTheSameKey_GoesToTheSamePartition()
    {
        var withKey = new { partitionKey = "key" };
        var sends = Enumerable.Repeat(new { events = (string[])["a", "b"], options = withKey }, 3);
        var counts = Counts(await RunAsync("send", new { fixture.ConnectionString, hub = "key", sends }));
        var partitionId = $"{Array.IndexOf(counts, 6)}";

        Assert.Equal([0, 6], counts.Order());
        var read = await RunAsync("read", new { fixture.ConnectionString, hub = "key", partitionId, count = 6 });
        Assert.Equal(Enumerable.Repeat("key", 6), Events(read, "partitionKey"));
    }

    [Fact]
    public async Task Send_WithoutAKey_GoesRound()
    {
        var sends = Enumerable.Repeat(new { events = (string[])["a"] }, 4);
        var sent = await RunAsync("send", new { fixture.ConnectionString, hub = "round", sends });

        Assert.Equal([2, 2], Counts(sent));
    }

    [Fact]
    public async Task Send_900KB_Passes_AndOver1MB_IsRefused()
    {
        var sent = await RunAsync("sizes", new { fixture.ConnectionString, hub = "sizes", sizes = new[] { 900_000, 1_100_000, 5_000_000, 1 } });
        var read = await RunAsync("read", new { fixture.ConnectionString, hub = "sizes", count = 2 });

        Assert.Equal(
            [(1_100_000, "MessageTooLargeError", false), (5_000_000, "MessageTooLargeError", false)],
            sent.GetProperty("errors").EnumerateArray().Select(error =>
                (error.GetProperty("size").GetInt32(), Code(error), error.GetProperty("retryable").GetBoolean())));
        Assert.Equal(["900000 bytes", "1 bytes"], Events(read, "body"));
    }

    [Fact]
    public async Task Batch_FilledByTheClient_IsAccepted()
    {
        var batch = await RunAsync("batch", new { fixture.ConnectionString, hub = "batch" });

        Assert.Equal(1024 * 1024, batch.GetProperty("maxSizeInBytes").GetInt32());
        Assert.InRange(batch.GetProperty("count").GetInt32(), 100, 104);
    }

    [Fact]
    public async Task Subscribe_FromEveryKindOfPosition_StartsThere()
    {
        var from = await RunAsync("positions", new { fixture.ConnectionString, hub = "positions" });

        Assert.Equal(
            """{"earliest":"01234","latest":"","offset":"34","offsetInclusive":"234","sequenceNumber":"34","sequenceNumberInclusive":"234","enqueuedOn":"34"}""",
            from.GetRawText());
    }

    [Fact]
    public async Task Subscribe_Tracking_TellsThePartitionsEnd()
    {
        await RunAsync("send", new { fixture.ConnectionString, hub = "tracking", sends = new[] { new { events = (string[])["a", "b", "c"] } } });

        var end = await RunAsync("tracking", new { fixture.ConnectionString, hub = "tracking" });

        Assert.Equal(2, end.GetProperty("sequenceNumber").GetInt32());
    }

    [Fact]
    public async Task Subscribe_WithALowerOwnerLevel_IsDisconnected()
    {
        await RunAsync("send", new { fixture.ConnectionString, hub = "owners", sends = new[] { new { events = (string[])["a", "b"] } } });

        var owners = await RunAsync("ownerLevels", new { fixture.ConnectionString, hub = "owners", count = 2 });

        Assert.Equal("ReceiverDisconnectedError", Code(owners.GetProperty("disconnected")));
        Assert.Equal("ReceiverDisconnectedError", Code(owners.GetProperty("refused")));
        Assert.Equal(2, owners.GetProperty("received").GetInt32());
    }

    [Fact]
    public async Task Connect_TwoHundredInARow_NoneStalls()
    {
        // Side by side: what stalls, stalls by the timing of single packets.
        var connects = await Task.WhenAll(Enumerable.Range(0, 3).Select(_ =>
            RunAsync("connects", new { fixture.ConnectionString, hub = "properties", count = 200 })));

        Assert.Equal([200, 200, 200], connects.Select(each => each.GetProperty("count").GetInt32()));
    }

    [Fact]
    public async Task EmulatorKilledAndRestarted_ClientGoesOn()
    {
        using var folder = new TestFolder();
        var port = Ports.Free();
        await using var killed = await StartAsync(folder, port, ["events"]);
        await using var client = NodeClient.Start("follow", new { connectionString = ConnectionStringOf(port), hub = "events", maxRetries = 50 });
        await client.TellAsync("before");
        Assert.Equal("before", (await client.HearAsync()).GetString());

        await killed.KillAsync();
        await client.TellAsync("meanwhile");
        await using var restarted = await StartAsync(folder, port, ["events"]);

        Assert.Equal("meanwhile", (await client.HearAsync()).GetString());
        await client.TellAsync("after");
        Assert.Equal("after", (await client.HearAsync()).GetString());
    }

    [Fact]
    public async Task ConsumerGroup_ResumesFromItsCheckpoint()
    {
        var sends = new[] { new { events = (string[])["a", "b", "c", "d", "e"], options = new { partitionId = "0" } } };
        await RunAsync("send", new { fixture.ConnectionString, hub = "checkpoints", sends });

        var first = await RunAsync("member", new { fixture.ConnectionString, hub = "checkpoints", fixture.Storage, count = 2 });
        var second = await RunAsync("member", new { fixture.ConnectionString, hub = "checkpoints", fixture.Storage, count = 3 });

        Assert.Equal(["a", "b"], Strings(first.GetProperty("received")));
        Assert.Equal(["c", "d", "e"], Strings(second.GetProperty("received")));
    }

    [Fact]
    public async Task SharedAccessKey_TheEmulatorsOwnIsLetIn_AnotherIsUnauthorized()
    {
        using var folder = new TestFolder();
        var options = new EmulatorOptions { Port = 0, DataFolder = folder.Path, Hubs = [new("events", 2)], SharedAccessKeys = new Dictionary<string, string> { ["app"] = "c2VjcmV0" } };
        await using var emulator = await Emulator.StartAsync(options, TimeProvider.System, CancellationToken.None);
        var other = emulator.ConnectionString.Replace("c2VjcmV0", "b3RoZXI=", StringComparison.Ordinal);

        await RunAsync("send", new { emulator.ConnectionString, hub = "events", sends = new[] { new { events = (string[])["a"], options = new { partitionId = "0" } } } });
        Assert.Equal(["a"], Events(await RunAsync("read", new { emulator.ConnectionString, hub = "events", count = 1 }), "body"));
        foreach (var command in (string[])["properties", "read"])
        {
            Assert.Equal("UnauthorizedError", Code((await NodeClient.RunAsync(command, new { connectionString = other, hub = "events" })).GetProperty("error")));
        }
    }

    /// <summary>The emulator as a process of its own, with hubs of two partitions.</summary>
    private static async Task<TestProgram> StartAsync(TestFolder folder, int port, string[] hubs)
    {
        var emulator = TestProgram.Start(typeof(Emulator).Assembly, folder.Path,
            ["--port", $"{port}", "--data", folder.Sub("data"), .. hubs.SelectMany(hub => (string[])["--hub", $"{hub}:2"])]);
        await emulator.SaidAsync("Endpoint=");
        return emulator;
    }

    private static string ConnectionStringOf(int port) =>
        $"Endpoint=sb://127.0.0.1:{port};SharedAccessKeyName=local;SharedAccessKey=local;UseDevelopmentEmulator=true";

    private static async Task<JsonElement> RunAsync(string command, object settings)
    {
        var said = await NodeClient.RunAsync(command, settings);
        return said.TryGetProperty("error", out var error) ? throw new InvalidOperationException(error.GetRawText()) : said;
    }

    private static string? Code(JsonElement error) => error.GetProperty("code").GetString();

    private static int[] Counts(JsonElement sent) => [.. sent.GetProperty("counts").EnumerateArray().Select(each => each.GetInt32())];

    private static IEnumerable<string?> Events(JsonElement read, string part) =>
        read.GetProperty("events").EnumerateArray().Select(each => each.GetProperty(part).GetString());

    private static IEnumerable<string?> Strings(JsonElement array) => array.EnumerateArray().Select(each => each.GetString());

    public sealed class Fixture : IAsyncLifetime
    {
        private static readonly string[] Hubs =
            ["properties", "partition", "key", "round", "sizes", "batch", "positions", "tracking", "owners", "checkpoints"];

        private readonly TestFolder _folder = new();
        private readonly AzuriteFixture _azurite = new();
        private readonly int _port = Ports.Free();
        private TestProgram? _emulator;

        public string ConnectionString => ConnectionStringOf(_port);

        public string Storage => _azurite.ConnectionString;

        public async Task InitializeAsync()
        {
            await NodeClient.InstallAsync();
            await _azurite.InitializeAsync();
            _emulator = await StartAsync(_folder, _port, Hubs);
        }

        public async Task DisposeAsync()
        {
            if (_emulator is not null)
            {
                await _emulator.DisposeAsync();
            }

            await _azurite.DisposeAsync();
            _folder.Dispose();
        }
    }
}
