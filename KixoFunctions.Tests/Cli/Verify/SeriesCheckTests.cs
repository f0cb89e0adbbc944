using Azure.Storage.Blobs.Models;
using Kixo.Cli.Verify;
using Kixo.Persistence;
using Kixo.Tests.Support;

namespace Kixo.Tests.Cli.Verify;

public sealed class SeriesCheckTests
{
    private static readonly DateTimeOffset Now = new(Some.Time);

    private static readonly Watermark Old = Watermark.None.With(5, Now)!.With(9, Now)!;

    // The hub was made again: it counts from 0.
    private static readonly Watermark Young = Old.With(0, Now.AddMinutes(1))!;

    [Fact]
    public void Marks_that_move_and_those_of_a_hub_made_again_are_right() =>
        Assert.Empty(Problems(Old, Old.With(10, Now)!, Old.With(10, Now)!.With(0, Now.AddMinutes(1))!, Young.With(10, Now)!.With(1, Now.AddMinutes(1))!));

    [Fact]
    public void Marks_that_stay_go_back_or_are_lost_are_defects()
    {
        Assert.Single(Problems(Old, Old));
        Assert.Single(Problems(Young, Old.With(10, Now)!));
        Assert.Single(Problems(Young.With(1, Now.AddMinutes(1))!, Young));
        Assert.Single(Problems(Watermark.None.With(5, Now)!.With(10, Now.AddSeconds(1))!, Watermark.None.With(5, Now)!.With(11, Now)!));
    }

    [Fact]
    public void Where_a_series_begins_later_the_message_says_what_may_be_why()
    {
        var metadata = new Dictionary<string, string>();
        Old.WriteTo(metadata);

        var defect = Assert.Single(SeriesCheck.Defects([(Stored.Name with { Number = 1 }, BlobsModelFactory.BlobItem(name: "1", metadata: metadata))]));

        Assert.Contains("lifecycle rule", defect.Problem, StringComparison.Ordinal);
    }

    private static IEnumerable<string> Problems(params Watermark[] series) => SeriesCheck.Defects(series.Select((watermark, number) =>
    {
        var metadata = new Dictionary<string, string>();
        watermark.WriteTo(metadata);
        return (Stored.Name with { Number = number }, BlobsModelFactory.BlobItem(name: $"{number}", metadata: metadata));
    })).Select(defect => defect.Problem);
}
