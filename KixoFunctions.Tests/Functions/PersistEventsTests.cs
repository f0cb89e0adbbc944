using Azure;
using Azure.Messaging.EventHubs;
using Azure.Storage.Blobs;
using Azure.Storage.Blobs.Models;
using Kixo.Functions;
using Kixo.Persistence;
using Kixo.Telemetry;
using Kixo.Tests.Support;
using Microsoft.Azure.Functions.Worker;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Options;
using Microsoft.Extensions.Time.Testing;
using Moq;

namespace Kixo.Tests.Functions;

/// <summary>What becomes of messages that cannot be read. The event lake itself is tested end to end.</summary>
public sealed class PersistEventsTests : IDisposable
{
    private readonly Dictionary<string, (string Body, IDictionary<string, string> Metadata)> _deadLetters = [];
    private readonly ServiceProvider _services = new ServiceCollection().AddMetrics().AddSingleton<KixoMetrics>().BuildServiceProvider();
    private readonly PersistEvents _function;
    private bool _down;

    public PersistEventsTests()
    {
        var container = new Mock<BlobContainerClient>();
        container.Setup(c => c.GetBlobClient(It.IsAny<string>())).Returns((string name) => BlobOf(name));
        var blobs = new Mock<BlobServiceClient>();
        blobs.Setup(b => b.GetBlobContainerClient(DeadLetters.Container)).Returns(container.Object);
        _function = new(
            new EventLake(blobs.Object, Options.Create(new LakeOptions()), new FakeTimeProvider(), NullLogger<EventLake>.Instance),
            new DeadLetters(blobs.Object), _services.GetRequiredService<KixoMetrics>(), NullLogger<PersistEvents>.Instance);
    }

    public void Dispose() => _services.Dispose();

    [Fact]
    public async Task A_foreign_message_goes_to_dead_letters_whole_with_its_place_and_reason()
    {
        await RunAsync("3", Message("hello", 7, ("from", "elsewhere")));

        var (body, metadata) = Assert.Single(_deadLetters, it => it.Key == "events/3/7").Value;
        Assert.Equal("hello", body);
        Assert.Equal(
            ["schema: expected kixo.events/1.", "events", "3", "7", "2026-04-08T12:00:00.0000000+00:00", """{"from":"elsewhere"}"""],
            [metadata["reason"], metadata["hub"], metadata["partition"], metadata["sequence"], metadata["enqueued"], FromBase64(metadata["properties"])]);
    }

    [Fact]
    public async Task Each_bad_message_of_an_invocation_is_kept()
    {
        await RunAsync("0", Message("a", 1), Message("", 2), Message("c", 3));

        Assert.Equal(["events/0/1", "events/0/2", "events/0/3"], _deadLetters.Keys.Order(StringComparer.Ordinal));
    }

    [Fact]
    public async Task A_damaged_chunk_goes_to_dead_letters()
    {
        var properties = Some.Chunk(Some.Lines(1)).ToMessage().Properties;

        await RunAsync("0", Message("no zstd", 1, [.. properties.Select(p => (p.Key, p.Value))]));

        Assert.StartsWith("It is not valid zstd data", Assert.Single(_deadLetters).Value.Metadata["reason"], StringComparison.Ordinal);
    }

    [Fact]
    public async Task Where_the_partition_is_not_known_the_key_stands_in()
    {
        await RunAsync(null, Message("a", 1, key: "abc"), Message("b", 2));

        Assert.Equal([$"events/{PartitionNames.FromKey("abc")}/1", "events/unknown/2"], _deadLetters.Keys.Order(StringComparer.Ordinal));
    }

    [Fact]
    public async Task A_good_chunk_without_partition_and_key_goes_to_dead_letters()
    {
        var chunk = Some.Chunk(Some.Lines(1));

        await RunAsync(null, EventHubsModelFactory.EventData(BinaryData.FromBytes(chunk.Body), chunk.ToMessage().Properties.ToDictionary(), sequenceNumber: 5));

        Assert.Equal("It has no partition key, and the host does not say its partition.", Assert.Single(_deadLetters).Value.Metadata["reason"]);
    }

    [Fact]
    public async Task When_dead_letters_cannot_be_written_the_invocation_fails_and_comes_again()
    {
        _down = true;

        await Assert.ThrowsAsync<RequestFailedException>(() => RunAsync("0", Message("a", 1)));
    }

    [Fact]
    public async Task Properties_that_metadata_have_no_room_for_are_left_out()
    {
        await RunAsync("0", Message("a", 1, ("long", new string('x', 8_000))));

        Assert.DoesNotContain("properties", Assert.Single(_deadLetters).Value.Metadata);
    }

    private Task RunAsync(string? partition, params EventData[] messages)
    {
        var data = new Dictionary<string, object?>();
        if (partition is not null)
        {
            data["PartitionContext"] = $$"""{"PartitionId":"{{partition}}"}""";
        }

        var context = Mock.Of<FunctionContext>(c => c.BindingContext == Mock.Of<BindingContext>(b => b.BindingData == data));
        return _function.RunAsync(messages, context, CancellationToken.None);
    }

    private BlobClient BlobOf(string name)
    {
        var blob = new Mock<BlobClient>();
        blob.Setup(b => b.UploadAsync(It.IsAny<BinaryData>(), It.IsAny<BlobUploadOptions>(), It.IsAny<CancellationToken>()))
            .Returns((BinaryData body, BlobUploadOptions options, CancellationToken _) =>
            {
                _deadLetters[name] = _down ? throw new RequestFailedException(503, "down") : (body.ToString(), options.Metadata);
                return Task.FromResult(Mock.Of<Response<BlobContentInfo>>());
            });
        return blob.Object;
    }

    private static EventData Message(string body, long sequence, params (string Name, object Value)[] properties) => Message(body, sequence, null, properties);

    private static EventData Message(string body, long sequence, string? key, params (string Name, object Value)[] properties) => EventHubsModelFactory.EventData(
        new BinaryData(body), properties.ToDictionary(p => p.Name, p => p.Value), partitionKey: key, sequenceNumber: sequence, enqueuedTime: new(Some.Time));

    private static string FromBase64(string text) => new BinaryData(Convert.FromBase64String(text)).ToString();
}
