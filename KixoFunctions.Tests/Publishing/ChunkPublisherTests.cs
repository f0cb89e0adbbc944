using Azure.Messaging.EventHubs;
using Azure.Messaging.EventHubs.Producer;
using Kixo.Publishing;
using Kixo.Tests.Support;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Options;
using Microsoft.Extensions.Time.Testing;
using Moq;

namespace Kixo.Tests.Publishing;

public sealed class ChunkPublisherTests
{
    private readonly FakeTimeProvider _time = new();
    private readonly PublishOptions _options = new();
    private readonly Mock<EventHubProducerClient> _producer = new();
    private readonly List<(EventData Message, SendEventOptions Options)> _sent = [];
    private Func<CancellationToken, Task> _send = _ => Task.CompletedTask;

    public ChunkPublisherTests() => _producer
        .Setup(p => p.SendAsync(It.IsAny<IEnumerable<EventData>>(), It.IsAny<SendEventOptions>(), It.IsAny<CancellationToken>()))
        .Returns((IEnumerable<EventData> messages, SendEventOptions options, CancellationToken token) =>
        {
            // The body is the publisher's again once the send has ended.
            _sent.AddRange(messages.Select(m => (Copy(m), options)));
            return _send(token);
        });

    [Fact]
    public async Task A_batch_is_one_message_to_a_partition_of_the_project()
    {
        Assert.True(await PublishAsync(Some.Lines(1_000)));

        var (message, options) = Assert.Single(_sent);
        var (chunk, problem) = EventChunk.FromMessage(message);
        Assert.Null(problem);
        Assert.Equal((Some.Project, "staging", Some.Time, 1_000), (chunk!.ProjectId, chunk.Environment, chunk.ReceivedAt, chunk.EventCount));
        Assert.Equal(($"{Some.Project}/2", null), (options.PartitionKey, options.PartitionId));
    }

    [Fact]
    public async Task TryPublishAsync_Acknowledged_IsTrueOnlyThen()
    {
        var acknowledged = new TaskCompletionSource();
        _send = _ => acknowledged.Task;
        var publish = PublishAsync(Some.Lines(1));

        Assert.Single(_sent);
        Assert.False(publish.IsCompleted);

        acknowledged.SetResult();
        Assert.True(await publish);
    }

    [Fact]
    public async Task TryPublishAsync_SendFails_IsFalse()
    {
        _send = _ => Task.FromException(new EventHubsException(isTransient: true, "events"));

        Assert.False(await PublishAsync(Some.Lines(1)));
    }

    [Fact]
    public async Task TryPublishAsync_NoAnswerFor10Seconds_IsFalse()
    {
        _send = token => Task.Delay(Timeout.InfiniteTimeSpan, _time, token);
        var publish = PublishAsync(Some.Lines(1));

        _time.Advance(TimeSpan.FromSeconds(9.9));
        Assert.False(publish.IsCompleted);

        _time.Advance(TimeSpan.FromSeconds(0.1));
        Assert.False(await publish.WaitAsync(TimeSpan.FromSeconds(30)));
    }

    [Fact]
    public async Task TryPublishAsync_CallerGivesUp_Throws()
    {
        _send = token => Task.Delay(Timeout.InfiniteTimeSpan, _time, token);
        using var cancellation = new CancellationTokenSource();
        var publish = PublishAsync(Some.Lines(1), cancellation.Token);

        await cancellation.CancelAsync();

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => publish);
    }

    [Fact]
    public async Task What_does_not_fit_one_message_goes_in_several_and_all_must_be_acknowledged()
    {
        _options.MaxMessageBytes = 100;

        Assert.True(await PublishAsync(Some.Lines(100)));
        Assert.True(_sent.Count > 1);
        Assert.Equal(100, _sent.Sum(sent => EventChunk.FromMessage(sent.Message).Chunk!.EventCount));

        var sends = 0;
        _send = _ => ++sends == 2 ? Task.FromException(new TimeoutException()) : Task.CompletedTask;
        Assert.False(await PublishAsync(Some.Lines(100)));
    }

    [Fact]
    public async Task Messages_are_compressed_as_the_setting_says()
    {
        _options.Encoding = ChunkEncoding.Gzip;

        await PublishAsync(Some.Lines(1));

        Assert.Equal([0x1F, 0x8B], _sent[0].Message.EventBody.ToArray()[..2]);
        Assert.Equal("gzip", _sent[0].Message.Properties["encoding"]);
    }

    private Task<bool> PublishAsync(byte[] lines, CancellationToken cancellationToken = default) =>
        new ChunkPublisher(_producer.Object, Options.Create(_options), _time, Some.Metrics, NullLogger<ChunkPublisher>.Instance)
            .TryPublishAsync(Some.Project, requestOfSecond: 10, "staging", Some.Time, lines, lines.AsSpan().Count((byte)'\n'), cancellationToken);

    private static EventData Copy(EventData message) =>
        EventHubsModelFactory.EventData(BinaryData.FromBytes(message.EventBody.ToArray()), message.Properties.ToDictionary());
}
