using System.Diagnostics.Metrics;
using System.Text;
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
    private readonly Dictionary<string, (DeadLetter Letter, IDictionary<string, string> Metadata)> _deadLetters = [];
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
            new DeadLetters(blobs.Object), new FakeTimeProvider(), _services.GetRequiredService<KixoMetrics>(), NullLogger<PersistEvents>.Instance);
    }

    public void Dispose() => _services.Dispose();

    [Fact]
    public async Task A_foreign_message_goes_to_dead_letters_with_its_place_and_reason()
    {
        await RunAsync("3", Message("hello", 7, ("from", "elsewhere")));

        var (letter, metadata) = Assert.Single(_deadLetters, it => it.Key == "events/3/20260408T120000.000Z-7").Value;
        Assert.Equal("hello", Encoding.UTF8.GetString(letter.Body!));
        Assert.Equal(
            ["schema: expected kixo.events/1.", "events", "3", "7", "2026-04-08T12:00:00.0000000+00:00"],
            [metadata["reason"], metadata["hub"], metadata["partition"], metadata["sequence"], metadata["enqueued"]]);
    }

    [Fact]
    public async Task A_message_delivered_again_leaves_what_became_of_the_first_alone()
    {
        await RunAsync("3", Message("hello", 7));
        var replayed = _deadLetters.Single().Value.Metadata;
        replayed[DeadLetters.ReplayedKey] = "2026-04-08T13:00:00Z";

        await RunAsync("3", Message("hello", 7));

        Assert.Same(replayed, Assert.Single(_deadLetters).Value.Metadata);
    }

    [Fact]
    public async Task Each_bad_message_of_an_invocation_is_kept()
    {
        await RunAsync("0", Message("a", 1), Message("", 2), Message("c", 3));

        Assert.Equal(["a", "", "c"], _deadLetters.OrderBy(it => it.Value.Letter.Sequence).Select(it => Encoding.UTF8.GetString(it.Value.Letter.Body!)));
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

        Assert.Equal(
            [PartitionNames.FromKey("abc"), "unknown"], _deadLetters.Values.OrderBy(it => it.Letter.Sequence).Select(it => it.Letter.Partition));
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
    public async Task An_append_that_fails_shows_how_long_its_events_have_waited()
    {
        var lags = new List<double>();
        using var listener = new MeterListener();
        listener.InstrumentPublished = (instrument, it) =>
        {
            if (instrument.Name == "kixo.lake.lag" && instrument.Meter.Scope == _services.GetRequiredService<IMeterFactory>())
            {
                it.EnableMeasurementEvents(instrument);
            }
        };
        listener.SetMeasurementEventCallback<double>((_, lag, _, _) => lags.Add(lag));
        listener.Start();
        var message = Some.Chunk(Some.Lines(1)).ToMessage(); // the lake's blobs are not there

        await Assert.ThrowsAnyAsync<Exception>(() => RunAsync("0", EventHubsModelFactory.EventData(
            message.EventBody, message.Properties, partitionKey: "p", sequenceNumber: 1, enqueuedTime: new(Some.Time))));

        Assert.Single(lags);
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
            .Returns((BinaryData content, BlobUploadOptions options, CancellationToken _) => Upload(content, options)
                ? Task.FromResult(Mock.Of<Response<BlobContentInfo>>())
                : throw new RequestFailedException(409, "there", BlobErrorCode.BlobAlreadyExists.ToString(), null));
        return blob.Object;

        bool Upload(BinaryData content, BlobUploadOptions options) => _down
            ? throw new RequestFailedException(503, "down")
            : _deadLetters.TryAdd(name, (DeadLetter.Parse(content), options.Metadata)) || options.Conditions.IfNoneMatch != ETag.All;
    }

    private static EventData Message(string body, long sequence, params (string Name, object Value)[] properties) => Message(body, sequence, null, properties);

    private static EventData Message(string body, long sequence, string? key, params (string Name, object Value)[] properties) => EventHubsModelFactory.EventData(
        new BinaryData(body), properties.ToDictionary(p => p.Name, p => p.Value), partitionKey: key, sequenceNumber: sequence, enqueuedTime: new(Some.Time));
}
