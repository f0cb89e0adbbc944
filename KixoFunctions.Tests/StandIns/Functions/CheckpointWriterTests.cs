using Azure.Messaging.EventHubs;
using Microsoft.Azure.Functions.Worker.EventHubs;
using Microsoft.Azure.Functions.Worker.Hosting;
using Microsoft.Extensions.Logging.Abstractions;

namespace Kixo.Tests.StandIns.Functions;

public sealed class CheckpointWriterTests
{
    private readonly InMemoryCheckpointStore _store = new();

    private long? StoredNumber => _store.Stored.GetValueOrDefault("0")?.SequenceNumber;

    [Theory]
    [InlineData(BatchOutcome.Succeeded, 7L)]
    [InlineData(BatchOutcome.Failed, 7L)]
    [InlineData(BatchOutcome.Abandoned, null)]
    public async Task A_batch_that_is_done_with_is_checkpointed_at_its_last_event(object outcome, long? sequenceNumber)
    {
        await Writer().AfterAsync(Batch(5, 6, 7), (BatchOutcome)outcome);

        Assert.Equal(sequenceNumber, StoredNumber);
    }

    [Fact]
    public async Task The_frequency_counts_batches_and_a_flush_writes_what_was_held_back()
    {
        var writer = Writer(frequency: 3);
        List<long?> stored = [];
        for (var number = 1; number <= 4; number++)
        {
            await writer.AfterAsync(Batch(number), BatchOutcome.Succeeded);
            stored.Add(StoredNumber);
        }

        await writer.FlushAsync();

        Assert.Equal([null, null, 3, 3], stored);
        Assert.Equal(4, StoredNumber);
    }

    [Fact]
    public async Task A_checkpoint_that_cannot_be_written_is_written_with_the_next()
    {
        var writer = Writer();
        _store.IsAway = true;
        await writer.AfterAsync(Batch(1), BatchOutcome.Succeeded);
        Assert.Null(StoredNumber);

        _store.IsAway = false;
        await writer.AfterAsync(Batch(2), BatchOutcome.Succeeded);

        Assert.Equal(2, StoredNumber);
    }

    [Fact]
    public async Task A_checkpoint_that_could_not_be_written_is_written_at_the_end()
    {
        var writer = Writer();
        _store.IsAway = true;
        await writer.AfterAsync(Batch(1), BatchOutcome.Succeeded);
        _store.IsAway = false;
        await writer.AfterAsync(Batch(2), BatchOutcome.Abandoned);

        await writer.FlushAsync();

        Assert.Equal(1, StoredNumber);
    }

    [Fact]
    public async Task Reading_goes_on_behind_the_last_batch_even_when_it_was_not_written()
    {
        var writer = Writer();
        _store.IsAway = true;
        await writer.AfterAsync(Batch(9), BatchOutcome.Succeeded);

        Assert.Equal(9, (await writer.ReadAsync(CancellationToken.None))?.SequenceNumber);
    }

    private CheckpointWriter Writer(int frequency = 1) =>
        new(_store, "0", frequency, new Outage("storage", TimeProvider.System, NullLogger.Instance));

    private static EventData[] Batch(params long[] sequenceNumbers) =>
        [.. sequenceNumbers.Select(number => EventHubsModelFactory.EventData(new BinaryData("{}"), sequenceNumber: number, offsetString: $"{number * 100}"))];
}
