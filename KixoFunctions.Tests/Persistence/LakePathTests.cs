using Kixo.Persistence;
using Kixo.Tests.Support;

namespace Kixo.Tests.Persistence;

public sealed class LakePathTests
{
    private const string Folder = "project_id=kx_proj_abc123/environment=production/date=2026-04-08/hour=15/";
    private static readonly DateTime Hour = Some.Time.AddHours(3);

    [Theory]
    [InlineData("0", 0, ChunkEncoding.Zstd, "0-0.ndjson.zst")]
    [InlineData("31", 120, ChunkEncoding.Gzip, "31-120.ndjson.gz")]
    [InlineData("key00ff", 7, ChunkEncoding.Zstd, "key00ff-7.ndjson.zst")]
    [InlineData("a-1", 2, ChunkEncoding.Zstd, "a-1-2.ndjson.zst")]
    internal void A_blobs_name_says_where_it_belongs_and_is_read_back(string partition, int number, ChunkEncoding encoding, string name)
    {
        var blob = LakePath.Blob(LakePath.HourFolder(Some.Project, "production", Hour.AddMinutes(59)), partition, number, encoding);

        Assert.Equal(Folder + name, blob);
        Assert.True(LakePath.TryParse(blob, out var parsed));
        Assert.Equal(new LakeName(Some.Project, "production", Hour, partition, number, encoding), parsed);
        Assert.Equal(DateTimeKind.Utc, parsed.Hour.Kind);
    }

    [Theory]
    [InlineData("")]
    [InlineData("x/" + Folder + "0-0.ndjson.zst")]
    [InlineData(Folder + "0.ndjson.zst")]
    [InlineData(Folder + "0-.ndjson.zst")]
    [InlineData(Folder + "-0.ndjson.zst")]
    [InlineData(Folder + "0-1234567890.ndjson.zst")]
    [InlineData(Folder + "0-٣.ndjson.zst")]
    [InlineData(Folder + "0-0.ndjson.zst\n")]
    [InlineData(Folder + "0-0.ndjson")]
    [InlineData(Folder + "0-0.ndjson.zst.tmp")]
    [InlineData(Folder + "sub/0-0.ndjson.zst")]
    [InlineData("project_id=p/environment=e/date=2026-04-31/hour=12/0-0.ndjson.zst")]
    [InlineData("project_id=p/environment=e/date=2026-04-08/hour=24/0-0.ndjson.zst")]
    [InlineData("project_id=p/environment=e/date=2026-04-08/hour=1/0-0.ndjson.zst")]
    public void TryParse_NotTheLakesName_IsRefused(string name) => Assert.False(LakePath.TryParse(name, out _));

    [Fact]
    public void A_projects_folder_holds_its_hours() =>
        Assert.StartsWith(LakePath.ProjectFolder(Some.Project), LakePath.HourFolder(Some.Project, "staging", Some.Time), StringComparison.Ordinal);
}
