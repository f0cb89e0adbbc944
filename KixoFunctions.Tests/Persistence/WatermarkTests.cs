using Kixo.Persistence;
using Kixo.Tests.Support;

namespace Kixo.Tests.Persistence;

/// <summary>Which messages count as repeats. Each message is its sequence number and the millisecond at which it was enqueued.</summary>
public sealed class WatermarkTests
{
    [Fact]
    public void Messages_delivered_again_are_repeats() =>
        Assert.Equal([(7, 0), (8, 0)], Fresh([(7, 0), (8, 0), (7, 0), (8, 0)]));

    [Fact]
    public void They_are_also_when_the_clock_of_the_broker_has_stepped_back() =>
        Assert.Equal([(1, 50), (2, 40), (3, 45)], Fresh([(1, 50), (2, 40), (1, 50), (2, 40), (3, 45), (3, 45)]));

    [Fact]
    public void Messages_of_a_hub_made_again_are_new_though_it_counts_from_0() =>
        Assert.Equal([(100, 0), (0, 5_000), (1, 5_000), (2, 5_001)], Fresh([(100, 0), (0, 5_000), (1, 5_000), (0, 5_000), (1, 5_000), (2, 5_001)]));

    [Fact]
    public void Messages_of_a_hub_made_again_are_new_when_it_is_already_past_the_old_number() =>
        Assert.Equal([(1, 0), (50, 5_000), (51, 5_000)], Fresh([(1, 0), (50, 5_000), (1, 0), (51, 5_000)]));

    [Fact]
    public void An_owner_who_comes_late_with_the_old_hubs_messages_appends_none_again() =>
        Assert.Equal([(100, 0), (101, 1), (0, 5_000), (1, 5_000)], Fresh([(100, 0), (101, 1), (0, 5_000), (100, 0), (101, 1), (1, 5_000), (1, 5_000)]));

    [Fact]
    public void The_clock_may_step_back_right_behind_the_first_message_of_a_hub_made_again() =>
        Assert.Equal(
            [(100, 0), (0, 5_000), (1, 4_990), (2, 4_995), (3, 5_010)],
            Fresh([(100, 0), (0, 5_000), (1, 4_990), (0, 5_000), (1, 4_990), (2, 4_995), (3, 5_010), (100, 0), (2, 4_995)]));

    [Fact]
    public void What_is_written_to_metadata_is_read_again()
    {
        var watermark = Moved([(100, 0), (0, 5_000), (0, 10_000)]);
        var metadata = new Dictionary<string, string>();
        watermark.WriteTo(metadata);

        Assert.Equal(3, watermark.Marks.Count);
        Assert.Equal(watermark.Marks, Watermark.Read(metadata)!.Marks);
        Assert.Equal(["earlier", "enqueued", "sequence", "since"], metadata.Keys.Order(StringComparer.Ordinal));
        Assert.Equal(("0", At(10_000)), (metadata["sequence"], DateTimeOffset.Parse(metadata["enqueued"], System.Globalization.CultureInfo.InvariantCulture)));
    }

    [Fact]
    public void Metadata_of_the_first_versions_are_a_mark_since_ever()
    {
        var metadata = new Dictionary<string, string>();
        Moved([(1, 0), (5, 10)]).WriteTo(metadata);
        metadata.Remove("since");

        var watermark = Watermark.Read(metadata)!;

        Assert.Null(watermark.With(5, At(10)));
        Assert.NotNull(watermark.With(6, At(10)));
        Assert.NotNull(watermark.With(0, At(5_000)));
    }

    [Theory]
    [InlineData("sequence", null)]
    [InlineData("sequence", "x")]
    [InlineData("since", "yesterday")]
    [InlineData("enqueued", null)]
    [InlineData("earlier", "1/2")]
    public void Metadata_of_something_else_is_no_watermark(string key, string? value)
    {
        var metadata = new Dictionary<string, string>();
        Moved([(1, 0)]).WriteTo(metadata);
        metadata.Remove(key);
        if (value is not null)
        {
            metadata[key] = value;
        }

        Assert.Null(Watermark.Read(metadata));
    }

    [Fact]
    public void However_often_a_hub_is_made_again_there_is_room_for_it_in_the_metadata()
    {
        var metadata = new Dictionary<string, string>();
        Moved([.. Enumerable.Range(0, 1_000).Select(life => (0L, life * 5_000))]).WriteTo(metadata);

        Assert.InRange(metadata.Sum(it => it.Key.Length + it.Value.Length), 0, 7 * 1024);
    }

    private static DateTimeOffset At(int milliseconds) => new DateTimeOffset(Some.Time).AddMilliseconds(milliseconds);

    private static Watermark Moved((long Sequence, int At)[] messages) =>
        messages.Aggregate(Watermark.None, (watermark, message) => watermark.With(message.Sequence, At(message.At)) ?? watermark);

    private static List<(long, int)> Fresh((long Sequence, int At)[] messages)
    {
        var (fresh, watermark) = (new List<(long, int)>(), Watermark.None);
        foreach (var message in messages)
        {
            if (watermark.With(message.Sequence, At(message.At)) is { } moved)
            {
                fresh.Add(message);
                watermark = moved;
            }
        }

        return fresh;
    }
}
