using System.Net.ServerSentEvents;
using System.Runtime.CompilerServices;
using System.Text.Json;
using System.Threading.Channels;
using Azure.Messaging.EventHubs;
using Azure.Messaging.EventHubs.Consumer;
using Azure.Messaging.EventHubs.Primitives;
using Kixo.Persistence;

namespace Kixo.Local.Live;

/// <summary>
/// What one open page is sent, as server-sent events: <c>hello</c> first, then <c>events</c> (lines from the hub, as they will
/// be stored), <c>answer</c> (an answer of the app) and <c>counters</c> (totals since the app's start, each second).
/// </summary>
internal sealed class LiveStream(LiveSources sources)
{
    /// <summary>What waits for a page that does not keep up; then the oldest is left out.</summary>
    private const int MaxWaiting = 256;

    private const int MessagesAtOnce = 64;

    /// <summary>Apart from the app's: in that one, the host reads alone.</summary>
    public const string ConsumerGroup = "live";

    private static readonly TimeSpan Interval = TimeSpan.FromSeconds(1);

    private readonly Channel<SseItem<string>> _items =
        Channel.CreateBounded<SseItem<string>>(new BoundedChannelOptions(MaxWaiting) { FullMode = BoundedChannelFullMode.DropOldest });

    private readonly EventSample _sample = new(sources.Time);

    /// <param name="cancellationToken">The page was closed, or the local run ends.</param>
    public async IAsyncEnumerable<SseItem<string>> ReadAsync([EnumeratorCancellation] CancellationToken cancellationToken)
    {
        using var ended = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        var feeds = FeedAsync(ended.Token);
        try
        {
            await foreach (var item in _items.Reader.ReadAllAsync(CancellationToken.None))
            {
                yield return item;
            }
        }
        finally
        {
            await ended.CancelAsync();
            await feeds;
        }
    }

    private SseItem<string> Hello() => Item("hello", new
    {
        apps = sources.Apps.Select(app => app.Url),
        project = Provisioning.ProjectId,
        key = Provisioning.ApiKey,
    });

    private static SseItem<string> Item(string type, object data) => new(JsonSerializer.Serialize(data, JsonSerializerOptions.Web), type);

    private async Task FeedAsync(CancellationToken cancellationToken)
    {
        using var ended = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        Task[] feeds = [];
        try
        {
            await using var hub = new EventHubConsumerClient(ConsumerGroup, sources.EventHub, EventChunk.Hub);
            var ids = await hub.GetPartitionIdsAsync(ended.Token);
            var partitions = await Task.WhenAll(ids.Select(id => hub.GetPartitionPropertiesAsync(id, ended.Token)));
            _items.Writer.TryWrite(Hello()); // from here on no event is missed
            feeds =
            [
                .. partitions.Select(partition => FeedEventsAsync(partition, ended.Token)),
                .. sources.Apps.Select(app => FeedAnswersAsync(app, ended.Token)),
                FeedCountersAsync(ended.Token),
            ];
            await await Task.WhenAny(feeds); // the first to fail ends all: the page asks again
        }
        catch (Exception e)
        {
            _items.Writer.TryWrite(Item("broken", new { message = e.Message }));
        }

        await ended.CancelAsync();
        await Task.WhenAll(feeds).ContinueWith(_ => { }, CancellationToken.None, TaskContinuationOptions.None, TaskScheduler.Default);
        _items.Writer.Complete();
    }

    private async Task FeedEventsAsync(PartitionProperties partition, CancellationToken cancellationToken)
    {
        var start = EventPosition.FromSequenceNumber(partition.LastEnqueuedSequenceNumber, isInclusive: false);
        await using var receiver = new PartitionReceiver(ConsumerGroup, partition.Id, start, sources.EventHub, EventChunk.Hub);
        while (true)
        {
            foreach (var message in await receiver.ReceiveBatchAsync(MessagesAtOnce, Interval, cancellationToken))
            {
                if (EventChunk.FromMessage(message).Chunk is { } chunk && ChunkVerifier.Problem(chunk) is null)
                {
                    var (lines, skipped) = _sample.Of(chunk);
                    _items.Writer.TryWrite(new($$"""{"events":[{{string.Join(',', lines)}}],"skipped":{{skipped}}}""", "events"));
                }
            }
        }
    }

    private async Task FeedAnswersAsync(AppProcess app, CancellationToken cancellationToken)
    {
        await foreach (var answer in app.AnswersAsync(cancellationToken))
        {
            _items.Writer.TryWrite(new(answer, "answer"));
        }
    }

    private async Task FeedCountersAsync(CancellationToken cancellationToken)
    {
        while (true)
        {
            var counters = await Task.WhenAll(sources.Apps.Select(app => app.CountersAsync(cancellationToken)));
            _items.Writer.TryWrite(Item("counters", counters.Select(Counters.Parse).Aggregate((sum, one) => sum + one)));
            await Task.Delay(Interval, sources.Time, cancellationToken);
        }
    }
}
