using Azure.Messaging.EventHubs.Consumer;
using Microsoft.Azure.Functions.Worker.EventHubs;

namespace Kixo.Tests.StandIns.Functions;

public sealed class CheckpointTests
{
    private static readonly DateTimeOffset Time = new(2026, 3, 1, 12, 0, 0, TimeSpan.Zero);

    [Fact]
    public void Reading_starts_behind_the_offset_of_the_checkpoint() =>
        Assert.Equal(EventPosition.FromOffset("4711", isInclusive: false), Checkpoint.StartPosition(new Checkpoint("4711", 12), new()));

    [Fact]
    public void A_checkpoint_without_an_offset_goes_by_sequence_number() =>
        Assert.Equal(EventPosition.FromSequenceNumber(12, isInclusive: false), Checkpoint.StartPosition(new Checkpoint(null, 12), new()));

    [Fact]
    public void Without_a_checkpoint_host_json_decides()
    {
        Assert.Equal(EventPosition.Earliest, Checkpoint.StartPosition(null, new()));
        Assert.Equal(EventPosition.Latest, Checkpoint.StartPosition(null, new() { Type = EventHubOptions.InitialOffsetType.FromEnd }));
        Assert.Equal(
            EventPosition.FromEnqueuedTime(Time),
            Checkpoint.StartPosition(null, new() { Type = EventHubOptions.InitialOffsetType.FromEnqueuedTime, EnqueuedTimeUtc = Time }));
    }

    [Fact]
    public void Metadata_is_read_as_far_as_it_goes()
    {
        Assert.Equal(new Checkpoint("7", 3), BlobCheckpointStore.Parse(new Dictionary<string, string> { ["offset"] = "7", ["sequencenumber"] = "3" }));
        Assert.Equal(new Checkpoint(null, 3), BlobCheckpointStore.Parse(new Dictionary<string, string> { ["offset"] = "", ["sequencenumber"] = "3" }));
        Assert.Null(BlobCheckpointStore.Parse(new Dictionary<string, string> { ["sequencenumber"] = "none" }));
    }
}
