using Azure.Storage.Blobs;
using Kixo.Cli;
using Kixo.Cli.Lake;
using Kixo.Cli.Query;
using Kixo.Persistence;
using Kixo.Tests.Cli.Verify;
using Kixo.Tests.Support;
using Spectre.Console;

namespace Kixo.Tests.Cli;

/// <summary>SQL over lakes on real Azurite. Each has a container of its own.</summary>
public sealed class QueryTests(AzuriteFixture azurite) : IClassFixture<AzuriteFixture>, IDisposable
{
    private readonly TestFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task Lines_of_all_blobs_are_rows_with_typed_columns()
    {
        var lake = await LakeAsync();

        Assert.Equal("project_id,environment,n\nother,staging,1\nkx_proj_abc123,production,5\n", await AskAsync(
            lake, "select project_id, environment, count(*) as n from events group by all order by n", OutputFormat.Csv));
        Assert.Equal(
            """
            [{"timestamp":"2026-04-08T12:00:00.25Z","drift":3600000,"p":{"a":[1,"é"]},"a":"[1,\"é\"]","extra":null,"date":"2026-04-08","hour":12}]

            """,
            await AskAsync(
                lake,
                "select timestamp, clock_drift_ms as drift, properties as p, p->>'a' as a, extra, date, hour from events where event_id = 'rich'",
                OutputFormat.Json));
    }

    [Fact]
    public async Task Only_what_is_in_scope_is_asked_and_nothing_is_no_rows()
    {
        var lake = await LakeAsync();

        foreach (var (scope, count) in new[]
        {
            (new LakeScope("other"), 1), (new LakeScope(Some.Project), 5), (new LakeScope(null, "staging"), 1),
            (new LakeScope(null, null, Some.Time.AddHours(1)), 2), (new LakeScope("nobody"), 0),
        })
        {
            Assert.Equal($"n\n{count}\n", await AskAsync(lake, "select count(*) as n from events where hour >= 0", OutputFormat.Csv, scope));
        }
    }

    [Fact]
    public async Task What_has_not_changed_is_not_downloaded_again()
    {
        var lake = await LakeAsync();
        var before = await FilesAsync(lake);
        var file = before.Single(name => name.EndsWith(".gz", StringComparison.Ordinal));
        await File.WriteAllTextAsync(file, "kept"); // would be overwritten
        await UploadAsync(lake, Some.Project, "production", Some.Time, ChunkEncoding.Zstd, Stored.WithIds("grown"));

        var after = await FilesAsync(lake);

        Assert.Equal("kept", await File.ReadAllTextAsync(file));
        Assert.Equal(3, before.Intersect(after).Count());
        Assert.Equal(4, after.Count);
    }

    [Fact]
    public async Task What_has_grown_or_gone_since_it_was_listed_is_taken_as_it_is()
    {
        var lake = await LakeAsync();
        var listed = await new LakeListing(lake, default).ListAsync(CancellationToken.None).ToListAsync();
        await UploadAsync(lake, "other", "staging", Some.Time, ChunkEncoding.Zstd, Stored.WithIds("x", "y", "z"));
        await lake.DeleteBlobAsync(listed[0].Name);

        var files = await new LakeCache(lake, _folder.Path, TimeProvider.System).FetchAsync(listed, CancellationToken.None);

        Assert.Equal(3, files.Count);
        Assert.Equal("n\n3\n", Ask([.. files.Where(file => file.Contains("other", StringComparison.Ordinal))], "select count(*) as n from events", OutputFormat.Csv));
    }

    [Fact]
    public async Task What_was_not_asked_for_in_a_week_is_deleted()
    {
        var old = _folder.Sub("old.zst");
        await File.WriteAllTextAsync(old, "");
        File.SetLastWriteTimeUtc(old, TimeProvider.System.GetUtcNow().UtcDateTime.AddDays(-8));

        Assert.Equal(4, (await FilesAsync(await LakeAsync())).Count(File.Exists));
        Assert.False(File.Exists(old));
    }

    [Fact]
    public async Task Of_a_blob_that_grows_the_earlier_versions_go_when_nobody_can_be_reading_them()
    {
        var lake = await LakeAsync();
        var scope = new LakeScope("other");
        var versions = new List<string>();
        for (var i = 0; i < 3; i++)
        {
            versions.Add(Assert.Single(await FilesAsync(lake, scope)));
            await UploadAsync(lake, "other", "staging", Some.Time, ChunkEncoding.Zstd, Stored.WithIds($"{i}"));
        }

        File.SetLastWriteTimeUtc(versions[0], TimeProvider.System.GetUtcNow().UtcDateTime.AddMinutes(-11));
        await FilesAsync(lake, scope);

        Assert.Equal([false, true, true], versions.Select(File.Exists));
    }

    [Fact]
    public async Task The_cache_is_its_users_alone_and_folders_that_were_left_empty_go()
    {
        var cache = _folder.Sub("cache");
        var empty = Directory.CreateDirectory(Path.Combine(_folder.Path, "cache", "project_id=gone")).FullName;
        Directory.SetLastWriteTimeUtc(empty, TimeProvider.System.GetUtcNow().UtcDateTime.AddDays(-8));
        var lake = await LakeAsync();

        await new LakeCache(lake, cache, TimeProvider.System).FetchAsync([], CancellationToken.None);
        await new LakeCache(lake, _folder.Sub("new"), TimeProvider.System).FetchAsync([], CancellationToken.None);

        Assert.False(Directory.Exists(empty));
        Assert.True(OperatingSystem.IsWindows() || (File.GetUnixFileMode(_folder.Sub("new")) & (UnixFileMode.GroupRead | UnixFileMode.OtherRead)) == 0);
    }

    [Fact]
    public async Task A_statement_that_takes_long_is_interrupted()
    {
        using var stop = new CancellationTokenSource(Timeout.InfiniteTimeSpan, TimeProvider.System);
        using var query = new LakeQuery([], stop.Token);
        stop.CancelAfter(TimeSpan.FromMilliseconds(300)); // from here on: DuckDB itself takes a while to load

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => Task.Run(() =>
            query.Run("select count(*) from range(1000000000) a, range(1000000000) b").Rows.Count()).WaitAsync(TimeSpan.FromMinutes(1), TimeProvider.System));
    }

    [Fact]
    public void A_table_ends_where_nobody_reads_on_and_says_so()
    {
        Assert.Contains("These are the first 10,000 rows.", Ask([], "select * from range(10001)", OutputFormat.Table), StringComparison.Ordinal);
        Assert.DoesNotContain("These are", Ask([], "select * from range(10000)", OutputFormat.Table), StringComparison.Ordinal);
    }

    [Fact]
    public async Task What_DuckDB_refuses_is_a_message() =>
        Assert.Contains("nonsense", (await Assert.ThrowsAsync<CliException>(async () => await AskAsync(await LakeAsync(), "select nonsense from events", OutputFormat.Csv))).Message, StringComparison.Ordinal);

    [Fact]
    public void Values_of_all_kinds_read_alike()
    {
        const string Sql =
            """
            select true as yes, 1::hugeint as huge, 1.50::decimal(9,2) as price, 'nan'::double as nan, date '2026-04-08' as day, time '12:00:01.5' as time,
                timestamptz '2026-04-08 14:00:00+02' as instant, [1, null] as list, {'a': 'x"y'} as struct, 'ab'::blob as bytes, null as none, 'a,"b' as text
            """;

        Assert.Equal(
            """
            [{"yes":true,"huge":1,"price":1.50,"nan":"NaN","day":"2026-04-08","time":"12:00:01.5","instant":"2026-04-08T12:00:00Z","list":[1,null],"struct":{"a":"x\"y"},"bytes":"YWI=","none":null,"text":"a,\"b"}]

            """,
            Ask([], Sql, OutputFormat.Json));
        Assert.Equal(
            """
            yes,huge,price,nan,day,time,instant,list,struct,bytes,none,text
            true,1,1.50,NaN,2026-04-08,12:00:01.5,2026-04-08T12:00:00Z,"[1,null]","{""a"":""x\""y""}",YWI=,,"a,""b"

            """,
            Ask([], Sql, OutputFormat.Csv));
        Assert.Equal("[]\n", Ask([], "select * from events", OutputFormat.Json));
        Assert.Contains("\\u001b[31m", Ask([], "select chr(27) || '[31m' as red", OutputFormat.Table), StringComparison.Ordinal);
    }

    private async Task<BlobContainerClient> LakeAsync()
    {
        var lake = azurite.Blobs.GetBlobContainerClient($"query-{Guid.NewGuid():N}");
        await lake.CreateAsync();
        var rich = Stored.LinesOf(Some.Body(
            ("sent_at", "\"2026-04-08T11:00:00Z\""),
            ("batch", $$"""[{{Some.Event(("event_id", "\"rich\""), ("timestamp", "\"2026-04-08T11:00:00.25Z\""), ("properties", """{"a":[1,"é"]}"""))}}]""")));
        var other = Stored.LinesOf(Some.Body(("project_id", "\"other\""), ("environment", "\"staging\"")));
        await UploadAsync(lake, Some.Project, "production", Some.Time, ChunkEncoding.Zstd, rich, Stored.WithIds("a"));
        await UploadAsync(lake, Some.Project, "production", Some.Time, ChunkEncoding.Gzip, Stored.WithIds("b"));
        await UploadAsync(lake, Some.Project, "production", Some.Time.AddHours(1), ChunkEncoding.Zstd, Stored.WithIds(Some.Time.AddHours(1), ["c", "d"]));
        await UploadAsync(lake, "other", "staging", Some.Time, ChunkEncoding.Zstd, other);
        return lake;
    }

    private static async Task UploadAsync(BlobContainerClient lake, string project, string environment, DateTime hour, ChunkEncoding encoding, params byte[][] frames) =>
        await lake.GetBlobClient(LakePath.Blob(LakePath.HourFolder(project, environment, hour), "0", 0, encoding))
            .UploadAsync(BinaryData.FromBytes([.. frames.SelectMany(lines => Stored.Frame(lines, encoding))]), overwrite: true);

    private async Task<IReadOnlyList<string>> FilesAsync(BlobContainerClient lake, LakeScope scope = default) =>
        await new LakeCache(lake, _folder.Path, TimeProvider.System).FetchAsync(
            await new LakeListing(lake, scope).ListAsync(CancellationToken.None).ToListAsync(), CancellationToken.None);

    private async Task<string> AskAsync(BlobContainerClient lake, string sql, OutputFormat format, LakeScope scope = default) =>
        Ask(await FilesAsync(lake, scope), sql, format);

    private static string Ask(IReadOnlyList<string> files, string sql, OutputFormat format)
    {
        using var writer = new StringWriter();
        using var query = new LakeQuery(files, CancellationToken.None);
        var (columns, rows) = query.Run(sql);
        QueryOutput.Write(format, columns, rows, AnsiConsole.Create(new AnsiConsoleSettings { Out = new AnsiConsoleOutput(writer), Ansi = AnsiSupport.No }));
        return writer.ToString().ReplaceLineEndings("\n");
    }
}
