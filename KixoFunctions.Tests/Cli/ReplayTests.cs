using Azure.Messaging.EventHubs;
using Azure.Messaging.EventHubs.Producer;
using Kixo.Cli;
using Kixo.Cli.Letters;
using Kixo.Persistence;
using Kixo.Tests.Cli.Verify;
using Kixo.Tests.Support;
using Moq;

namespace Kixo.Tests.Cli;

/// <summary>Dead letters on real Azurite, and a hub that answers as a test wants it to.</summary>
public sealed class ReplayTests(AzuriteFixture azurite) : IClassFixture<AzuriteFixture>
{
    private readonly Mock<EventHubProducerClient> _hub = new();
    private readonly List<(EventData Message, string? Key)> _sent = [];

    [Fact]
    public async Task Of_many_replays_at_once_one_publishes_the_message_as_it_came()
    {
        Acknowledges();
        var (id, message) = await StoreAsync(1);

        var outcomes = await Task.WhenAll(Enumerable.Range(0, 8).Select(_ => Task.Run(() => ReplayAsync(id))));

        var (sent, key) = Assert.Single(_sent);
        Assert.Equal(Some.Project, key);
        Assert.Equal(message.EventBody.ToArray(), sent.EventBody.ToArray());
        Assert.Equal(message.Properties, sent.Properties);
        Assert.Single(outcomes, ReplayOutcome.Replayed);
        Assert.All(outcomes.Where(outcome => outcome != ReplayOutcome.Replayed), outcome => Assert.Contains(outcome, (ReplayOutcome[])[ReplayOutcome.AlreadyReplayed, ReplayOutcome.InDoubt]));
        Assert.Equal(ReplayOutcome.AlreadyReplayed, await ReplayAsync(id));
        Assert.Equal(ReplayOutcome.AlreadyReplayed, await ReplayAsync(id, inDoubt: true));
    }

    [Fact]
    public async Task What_the_hub_did_not_acknowledge_is_in_doubt_until_somebody_decides()
    {
        _hub.Setup(hub => hub.SendAsync(It.IsAny<IEnumerable<EventData>>(), It.IsAny<SendEventOptions>(), It.IsAny<CancellationToken>()))
            .ThrowsAsync(new EventHubsException(isTransient: true, EventChunk.Hub, EventHubsException.FailureReason.ServiceTimeout));
        var (id, _) = await StoreAsync(2);

        Assert.Equal(ReplayOutcome.Failed, await ReplayAsync(id));
        Acknowledges();
        Assert.Equal(ReplayOutcome.InDoubt, await ReplayAsync(id));
        Assert.Empty(_sent);
        Assert.Equal(LetterState.InDoubt, (await Box().GetAsync(id, CancellationToken.None)).View.State);

        Assert.Equal(ReplayOutcome.Replayed, await ReplayAsync(id, inDoubt: true));
        Assert.Single(_sent);
        Assert.Equal(LetterState.Replayed, (await Box().GetAsync(id, CancellationToken.None)).View.State);
    }

    [Fact]
    public async Task The_list_says_what_it_is_and_what_became_of_it()
    {
        Acknowledges();
        var (id, _) = await StoreAsync(3, "Reason number three.");
        await ReplayAsync(id);

        var letter = Assert.Single(await Box().ListAsync("NUMBER THREE", CancellationToken.None).ToListAsync());

        Assert.Equal((id, Some.Project, "Reason number three.", LetterState.Replayed), (letter.Id, letter.ProjectId, letter.Reason, letter.State));
        Assert.Equal(new DateTimeOffset(Some.Time), letter.EnqueuedAt);
        Assert.True(letter.Bytes > 0);
    }

    [Fact]
    public async Task One_that_cannot_be_read_or_was_broken_off_keeps_no_other_back()
    {
        Acknowledges();
        var ((first, _), (last, _)) = (await StoreAsync(4), await StoreAsync(5));
        await azurite.Blobs.GetBlobContainerClient(DeadLetters.Container).GetBlobClient("events/0/broken").UploadAsync(BinaryData.FromString("{"));

        var done = await new Replay(Box(), _hub.Object).ReplayAsync([first, "events/0/broken", last], inDoubt: false, CancellationToken.None).ToListAsync();

        Assert.Equal([ReplayOutcome.Replayed, ReplayOutcome.NotPossible, ReplayOutcome.Replayed], done.Select(letter => letter.Outcome));
    }

    [Fact]
    public async Task One_whose_property_is_no_value_of_its_type_stays_as_it_is()
    {
        Acknowledges();
        var (id, _) = await StoreAsync(8);
        var blob = azurite.Blobs.GetBlobContainerClient(DeadLetters.Container).GetBlobClient(id);
        var letter = DeadLetter.Parse((await blob.DownloadContentAsync()).Value.Content);
        letter = letter with { Properties = new Dictionary<string, TypedValue> { ["event_count"] = new("int", "99999999999") } };
        await blob.UploadAsync(letter.ToJson(), overwrite: true);

        Assert.Equal(ReplayOutcome.NotPossible, await ReplayAsync(id));

        Assert.Empty(_sent);
        Assert.Equal(LetterState.Waiting, (await Box().GetAsync(id, CancellationToken.None)).View.State);
    }

    [Fact]
    public async Task Stopped_it_still_tells_of_the_letter_that_was_under_way()
    {
        using var stop = new CancellationTokenSource();
        _hub.Setup(hub => hub.SendAsync(It.IsAny<IEnumerable<EventData>>(), It.IsAny<SendEventOptions>(), It.IsAny<CancellationToken>()))
            .Returns(async () =>
            {
                await stop.CancelAsync();
                stop.Token.ThrowIfCancellationRequested();
            });
        var ((first, _), (second, _)) = (await StoreAsync(6), await StoreAsync(7));
        var done = new List<Replayed>();

        await Assert.ThrowsAnyAsync<OperationCanceledException>(async () =>
        {
            await foreach (var letter in new Replay(Box(), _hub.Object).ReplayAsync([first, second], inDoubt: false, stop.Token))
            {
                done.Add(letter);
            }
        });

        Assert.Equal((first, ReplayOutcome.Failed), Assert.Single(done) is var only ? (only.Id, only.Outcome) : default);
    }

    [Fact]
    public async Task An_id_that_is_none_is_a_sentence() => Assert.Equal(
        "There is no dead letter events/0/x. 'kixo dead-letters list' has their ids.",
        (await Assert.ThrowsAsync<CliException>(() => ReplayAsync("events/0/x"))).Message);

    [Fact]
    public void A_body_is_shown_as_far_as_it_can_be_read()
    {
        var lines = Stored.WithIds("a", "b");
        var frame = Stored.Frame(lines);

        Assert.Equal(("zstd", System.Text.Encoding.UTF8.GetString(lines), false), Shown(frame, "zstd"));
        Assert.Equal(("zstd", System.Text.Encoding.UTF8.GetString(lines), true), Shown([.. frame, .. frame[..10]], "zstd"));
        Assert.Equal(("text", "{\"a\":1}\n", false), Shown("{\"a\":1}\n"u8.ToArray(), "zstd"));
        Assert.Equal(("hex", "0001ff", false), Shown([0, 1, 255], null));
        Assert.Null(LetterBody.Of(Letter(null, null)));

        static (string, string, bool) Shown(byte[] body, string? encoding) =>
            LetterBody.Of(Letter(body, encoding)) is { } shown ? (shown.Encoding, shown.Start, shown.Problem is not null) : default;

        static DeadLetter Letter(byte[]? body, string? encoding) => new(
            "", EventChunk.Hub, "0", 1, default, null, null, null, null,
            encoding is null ? new Dictionary<string, TypedValue>() : new() { ["encoding"] = TypedValue.Of(encoding) }, body);
    }

    private void Acknowledges() => _hub.Setup(hub => hub.SendAsync(It.IsAny<IEnumerable<EventData>>(), It.IsAny<SendEventOptions>(), It.IsAny<CancellationToken>()))
        .Returns((IEnumerable<EventData> messages, SendEventOptions options, CancellationToken _) =>
        {
            lock (_sent)
            {
                _sent.AddRange(messages.Select(message => (message, (string?)options.PartitionKey)));
            }

            return Task.CompletedTask;
        });

    private async Task<ReplayOutcome> ReplayAsync(string id, bool inDoubt = false) =>
        (await new Replay(Box(), _hub.Object).ReplayAsync(id, inDoubt, CancellationToken.None)).Outcome;

    private LetterBox Box() => new(azurite.Blobs, TimeProvider.System);

    private async Task<(string Id, EventData Message)> StoreAsync(long sequence, string reason = "Why not.")
    {
        var sent = Some.Chunk(Some.Lines(3)).ToMessage();
        var message = EventHubsModelFactory.EventData(
            sent.EventBody, sent.Properties, partitionKey: Some.Project, sequenceNumber: sequence, enqueuedTime: new(Some.Time));
        await new DeadLetters(azurite.Blobs).StoreAsync(message, "0", reason, CancellationToken.None);
        return (DeadLetter.Of(message, "0", reason).BlobName, message);
    }
}
