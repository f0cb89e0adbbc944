using System.Text;
using Kixo.Persistence;
using Kixo.Tests.Support;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Options;

namespace Kixo.Tests.Persistence;

/// <summary>The event lake on real Azurite. Each test has a project, and so blobs, of its own.</summary>
public sealed class EventLakeTests(AzuriteFixture azurite) : IClassFixture<AzuriteFixture>
{
    private static readonly DateTime Hour = new(2026, 4, 8, 12, 0, 0, DateTimeKind.Utc);

    private readonly string _project = $"p_{Guid.NewGuid():N}";

    [Fact]
    public async Task Messages_delivered_again_in_other_batches_are_there_once_and_in_order()
    {
        var lake = Lake();

        Assert.Equal(new Appended(3, 3, 0), await lake.AppendAsync(Messages(1..4), CancellationToken.None));
        Assert.Equal(new Appended(0, 0, 3), await lake.AppendAsync(Messages(1..4), CancellationToken.None));
        Assert.Equal(new Appended(2, 2, 2), await lake.AppendAsync(Messages(2..6), CancellationToken.None));

        Assert.Equal(["1", "2", "3", "4", "5"], await LinesAsync());
    }

    [Fact]
    public async Task Two_owners_of_a_partition_append_each_message_once()
    {
        var (one, other) = (Lake(), Lake());

        await one.AppendAsync(Messages(1..3), CancellationToken.None);
        await other.AppendAsync(Messages(1..5), CancellationToken.None);
        await one.AppendAsync(Messages(3..7), CancellationToken.None);
        await Task.WhenAll(
            one.AppendAsync(Messages(5..12), CancellationToken.None), other.AppendAsync(Messages(5..10), CancellationToken.None));

        Assert.Equal(Enumerable.Range(1, 11).Select(i => $"{i}"), await LinesAsync());
    }

    [Fact]
    public async Task Full_blobs_are_followed_by_the_next_and_a_new_owner_goes_on_in_the_last()
    {
        for (var i = 1; i <= 5; i++)
        {
            // A lake each time: what it knows of the blobs, it has read.
            await Lake(maxBlocksPerBlob: 2).AppendAsync(Messages(i..(i + 1)), CancellationToken.None);
        }

        await Lake(maxBlocksPerBlob: 2).AppendAsync(Messages(1..6), CancellationToken.None);

        Assert.Equal(["1", "2", "3", "4", "5"], await LinesAsync());
        Assert.Equal(3, (await NamesAsync()).Count);
    }

    [Fact]
    public async Task Projects_hours_and_partitions_go_to_blobs_of_their_own()
    {
        HubMessage[] messages =
        [
            Message(1, Hour), Message(2, Hour.AddHours(1)), Message(3, Hour, environment: "staging"), Message(4, Hour, partition: "10"),
            Message(5, Hour, encoding: ChunkEncoding.Gzip),
        ];

        await Lake().AppendAsync(messages, CancellationToken.None);

        Assert.Equal(
            [
                $"project_id={_project}/environment=production/date=2026-04-08/hour=12/1-0.ndjson.gz",
                $"project_id={_project}/environment=production/date=2026-04-08/hour=12/1-0.ndjson.zst",
                $"project_id={_project}/environment=production/date=2026-04-08/hour=12/10-0.ndjson.zst",
                $"project_id={_project}/environment=production/date=2026-04-08/hour=13/1-0.ndjson.zst",
                $"project_id={_project}/environment=staging/date=2026-04-08/hour=12/1-0.ndjson.zst",
            ],
            await NamesAsync());
    }

    private EventLake Lake(int maxBlocksPerBlob = 1_000) => new(
        azurite.Blobs, Options.Create(new LakeOptions { MaxBlocksPerBlob = maxBlocksPerBlob }), TimeProvider.System, NullLogger<EventLake>.Instance);

    private HubMessage[] Messages(Range sequences) =>
        [.. Enumerable.Range(sequences.Start.Value, sequences.End.Value - sequences.Start.Value).Select(sequence => Message(sequence, Hour))];

    private HubMessage Message(
        int sequence, DateTime receivedAt, string environment = "production", string partition = "1", ChunkEncoding encoding = ChunkEncoding.Zstd)
    {
        using var body = encoding.Compress(Encoding.UTF8.GetBytes($"{sequence}\n"));
        return new(partition, sequence, receivedAt, new EventChunk(_project, environment, receivedAt, 1, encoding, body.Written.ToArray()));
    }

    private async Task<IReadOnlyList<string>> NamesAsync()
    {
        var names = new List<string>();
        await foreach (var blob in azurite.Blobs.GetBlobContainerClient(LakePath.Container).GetBlobsAsync(
            Azure.Storage.Blobs.Models.BlobTraits.None, Azure.Storage.Blobs.Models.BlobStates.None, LakePath.ProjectFolder(_project), CancellationToken.None))
        {
            names.Add(blob.Name);
        }

        return names;
    }

    private async Task<IReadOnlyList<string>> LinesAsync()
    {
        var lines = new List<string>();
        foreach (var name in await NamesAsync())
        {
            var blob = azurite.Blobs.GetBlobContainerClient(LakePath.Container).GetBlobClient(name);
            using var reader = new StreamReader(ChunkEncoding.Zstd.Decompress(await blob.OpenReadAsync(cancellationToken: CancellationToken.None)));
            lines.AddRange((await reader.ReadToEndAsync(CancellationToken.None)).Split('\n', StringSplitOptions.RemoveEmptyEntries));
        }

        return lines;
    }
}
