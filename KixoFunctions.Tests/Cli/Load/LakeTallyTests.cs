using System.Text;
using Kixo.Cli.Load;
using Kixo.Persistence;
using Kixo.Tests.Support;
using Microsoft.Extensions.Time.Testing;

namespace Kixo.Tests.Cli.Load;

public sealed class LakeTallyTests(AzuriteFixture azurite) : IClassFixture<AzuriteFixture>
{
    private const string Run = "aB3xyZ";
    private const string Project = "kx_load_1";

    [Fact]
    public async Task What_is_missing_or_there_again_or_was_not_acknowledged_is_told_apart()
    {
        var time = new FakeTimeProvider(Some.Time);
        var container = azurite.Blobs.GetBlobContainerClient(LakePath.Container);
        using var watch = new LakeWatch(container, [Project], "development", time);
        var blob = container.GetBlobClient(LakePath.HourFolder(Project, "development", Some.Time) + "0-0.ndjson.zst");
        await blob.UploadAsync(Frames(Lines(batch: 0, 0)));
        await watch.StartAsync(CancellationToken.None);

        // Two batches of two are acknowledged, the third is not; of the first, one event comes twice; of the second, one never.
        var totals = new LoadTotals(requests: 3);
        totals.Accept(0, time.GetTimestamp(), TimeSpan.FromMilliseconds(1));
        totals.Accept(1, time.GetTimestamp(), TimeSpan.FromMilliseconds(1));
        time.Advance(TimeSpan.FromSeconds(2));
        await blob.UploadAsync(
            Frames(Lines(batch: 0, 0), Lines(batch: 0, 0, 1) + "{\"event_id\":\"of another\"}\n", Lines(batch: 0, 0) + Lines(batch: 1, 1) + Lines(batch: 2, 0)),
            overwrite: true);
        using var stop = new CancellationTokenSource();
        var watching = watch.RunAsync(stop.Token);
        var tally = new LakeTally(container, totals, eventsPerBatch: 2, Run, time);
        await TestStack.EventuallyAsync(async () =>
        {
            time.Advance(LakeWatch.Interval);
            foreach (var piece in watch.Take())
            {
                await tally.ReadAsync(piece, CancellationToken.None);
            }

            return tally.Stored > 0;
        }, () => "the growth to be seen");
        await stop.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => watching);

        Assert.Equal((3, 1, 1, 1), (tally.Stored, tally.Missing, tally.Repeated, tally.Unacknowledged));
        Assert.Equal(3, tally.Delays.TotalCount);
        Assert.InRange(tally.Lag!.Value, TimeSpan.FromSeconds(2), TimeSpan.FromHours(1));
    }

    private static string Lines(int batch, params int[] indexes) =>
        string.Concat(indexes.Select(index => $"{{\"event_id\":\"{Run}{batch:x8}{index:x4}\",\"project_id\":\"{Project}\"}}\n"));

    private static BinaryData Frames(params string[] lines)
    {
        using var stream = new MemoryStream();
        foreach (var text in lines)
        {
            using var frame = ChunkEncoding.Zstd.Compress(Encoding.UTF8.GetBytes(text));
            stream.Write(frame.Written.Span);
        }

        return BinaryData.FromBytes(stream.ToArray());
    }
}
