using Azure.Storage.Blobs;
using Azure.Storage.Blobs.Models;
using CsCheck;
using Kixo.Cli.Lake;
using Kixo.Cli.Verify;
using Kixo.Persistence;
using Kixo.Tests.Support;

namespace Kixo.Tests.Cli.Verify;

/// <summary>Lakes on real Azurite, right as they are made and then spoiled. Each has a container of its own.</summary>
public sealed class LakeVerifierTests(AzuriteFixture azurite) : IClassFixture<AzuriteFixture>
{
    private const string Hour = $"project_id={Some.Project}/environment=production/date=2026-04-08/hour=12/";

    // Two series, the first of two blobs.
    private static readonly string[] Blobs = [$"{Hour}0-0.ndjson.zst", $"{Hour}0-1.ndjson.zst", $"{Hour}1-0.ndjson.gz"];

    [Fact]
    public async Task A_right_lake_is_right_and_counted()
    {
        var lake = await RightAsync();

        var report = await VerifyAsync(lake);

        Assert.Equal((3, 18, 0, 0), (report.Blobs, report.Events, report.DefectCount, report.Repeated));
        var hour = Assert.Single(report.Hours);
        Assert.Equal(new HourCount(Some.Project, "production", Some.Time, 3, 18, report.Bytes), hour);
    }

    [Fact]
    public Task Whatever_is_spoiled_is_found() => Gen.Select(Gen.Int[0, 2], Gen.Int[0, 5], Gen.Int[0, 1000]).SampleAsync(async (blob, how, at) =>
    {
        var lake = await RightAsync();
        var client = lake.GetBlobClient(Blobs[blob]);
        var content = (await client.DownloadContentAsync()).Value.Content.ToArray();
        var metadata = (await client.GetPropertiesAsync()).Value.Metadata;
        switch (how)
        {
            case 0: // a byte of the compressed data: of the first of two frames, not of a header between them, where some bytes say nothing
                content[content.Length / 4] ^= (byte)((at % 255) + 1);
                await client.UploadAsync(BinaryData.FromBytes(content), new BlobUploadOptions { Metadata = metadata });
                break;
            case 1: // a part is cut off
                await client.UploadAsync(BinaryData.FromBytes(content[..^((at % 20) + 1)]), new BlobUploadOptions { Metadata = metadata });
                break;
            case 2: // all of it twice
                await client.UploadAsync(BinaryData.FromBytes([.. content, .. content]), new BlobUploadOptions { Metadata = metadata });
                break;
            case 3: // its lines are of another hour
                await lake.GetBlobClient(Blobs[blob].Replace("hour=12", "hour=13", StringComparison.Ordinal))
                    .UploadAsync(BinaryData.FromBytes(content), new BlobUploadOptions { Metadata = metadata });
                break;
            case 4: // no watermark
                await client.SetMetadataAsync(new Dictionary<string, string>());
                break;
            default: // something that is not the lake's
                await lake.GetBlobClient($"{Blobs[blob]}.bak").UploadAsync(BinaryData.FromBytes(content));
                break;
        }

        var report = await VerifyAsync(lake);

        Assert.True(report.DefectCount + report.Repeated > 0, $"{Blobs[blob]} spoiled in way {how} was not found");
        Assert.Equal(how is 2 or 3, report.Repeated > 0);
    }, iter: 24, threads: 1);

    [Fact]
    public async Task An_id_that_stands_twice_is_named_with_both_places()
    {
        var lake = await RightAsync();
        await UploadAsync(lake, $"{Hour}2-0.ndjson.zst", 1, Stored.Frame(Stored.WithIds("new", "0-1-2")));

        var report = await VerifyAsync(lake);

        Assert.Equal((0, 1), (report.DefectCount, report.Repeated));
        var twice = Assert.Single(report.Duplicates);
        Assert.Equal((Some.Project, "production", "0-1-2"), (twice.ProjectId, twice.Environment, twice.EventId));
        Assert.Equal([new Place(Blobs[1], 3), new Place($"{Hour}2-0.ndjson.zst", 2)], new[] { twice.First, twice.Again }.OrderBy(place => place.Blob, StringComparer.Ordinal));
    }

    [Fact]
    public async Task The_same_id_in_another_project_or_environment_is_another()
    {
        var lake = await RightAsync();
        foreach (var (project, environment) in new[] { (Some.Project, "staging"), ("other", "production") })
        {
            var lines = Stored.LinesOf(Some.Body(
                ("project_id", $"\"{project}\""), ("environment", $"\"{environment}\""), ("batch", $"[{Some.Event(("event_id", "\"0-0-1\""))}]")));
            await UploadAsync(lake, $"{LakePath.HourFolder(project, environment, Some.Time)}0-0.ndjson.zst", 1, Stored.Frame(lines));
        }

        Assert.Equal((5, 0, 0), await VerifyAsync(lake) is var report ? (report.Blobs, report.DefectCount, report.Repeated) : default);
    }

    [Fact]
    public async Task A_watermark_that_goes_back_and_a_missing_blob_are_named()
    {
        var lake = await RightAsync();
        await UploadAsync(lake, $"{Hour}0-3.ndjson.zst", 1, Stored.Frame(Stored.WithIds("a")));

        Assert.Equal(
            [
                new Defect($"{Hour}0-3.ndjson.zst", null, "Number 2 of its series is missing."),
                new Defect($"{Hour}0-3.ndjson.zst", null, "Its watermark is not past that of the one before it."),
            ],
            (await VerifyAsync(lake)).Defects);
    }

    [Fact]
    public async Task Only_what_is_in_scope_is_read()
    {
        var lake = await RightAsync();
        await lake.GetBlobClient("project_id=other/environment=production/date=2026-04-08/hour=12/0-0.ndjson.zst").UploadAsync(BinaryData.FromString("broken"));
        await lake.GetBlobClient($"{Hour.Replace("hour=12", "hour=11", StringComparison.Ordinal)}0-0.ndjson.zst").UploadAsync(BinaryData.FromString("broken"));

        var scopes = new[]
        {
            new LakeScope(Some.Project, "production", Some.Time), new LakeScope(Some.Project, null, Some.Time.AddMinutes(59)),
            new LakeScope(Some.Project, "staging"), new LakeScope(null, "staging"), new LakeScope(null, null, Some.Time.AddHours(1)), default,
        };
        var counts = new List<(int, long)>();
        foreach (var scope in scopes)
        {
            counts.Add(await VerifyAsync(lake, scope) is var report ? (report.Blobs, report.DefectCount) : default);
        }

        Assert.Equal([(3, 0), (3, 0), (0, 0), (0, 0), (0, 0), (5, 4)], counts);
    }

    private async Task<BlobContainerClient> RightAsync()
    {
        var lake = azurite.Blobs.GetBlobContainerClient($"lake-{Guid.NewGuid():N}");
        await lake.CreateAsync();
        for (var i = 0; i < Blobs.Length; i++)
        {
            var blob = i;
            var encoding = Blobs[i].EndsWith("gz", StringComparison.Ordinal) ? ChunkEncoding.Gzip : ChunkEncoding.Zstd;
            var frames = Enumerable.Range(0, 2).SelectMany(frame => Stored.Frame(Stored.WithIds(Enumerable.Range(0, 3).Select(n => $"0-{blob}-{(frame * 3) + n}")), encoding));
            await UploadAsync(lake, Blobs[i], 10 * (i + 1), [.. frames]);
        }

        return lake;
    }

    private static async Task UploadAsync(BlobContainerClient lake, string name, long sequence, byte[] content)
    {
        var metadata = new Dictionary<string, string>();
        Watermark.None.With(0, new(Some.Time))!.With(sequence, new(Some.Time))!.WriteTo(metadata);
        await lake.GetBlobClient(name).UploadAsync(BinaryData.FromBytes(content), new BlobUploadOptions { Metadata = metadata });
    }

    private static async Task<LakeReport> VerifyAsync(BlobContainerClient lake, LakeScope scope = default)
    {
        using var folder = new TestFolder();
        return await new LakeVerifier(lake, new LakeListing(lake, scope), folder.Path).VerifyAsync(CancellationToken.None);
    }
}
