using Kixo.Cli.Events;
using Kixo.Persistence;
using Kixo.Tests.Cli.Verify;
using Kixo.Tests.Support;
using Spectre.Console;

namespace Kixo.Tests.Cli;

public sealed class EventsTests(AzuriteFixture azurite) : IClassFixture<AzuriteFixture>
{
    [Fact]
    public async Task Events_of_several_blobs_come_oldest_first_and_later_only_what_is_new()
    {
        var lake = azurite.Blobs.GetBlobContainerClient($"events-{Guid.NewGuid():N}");
        await lake.CreateAsync();
        await UploadAsync("0-0", ["a", "d"], [0, 3]);
        await UploadAsync("1-0", ["early", "b", "c"], [-1, 1, 2]);
        var reader = new LakeReader(lake, Some.Project, "production", Some.Time);

        Assert.Equal(["a", "b", "c", "d"], await IdsAsync());
        await UploadAsync("0-0", ["a", "d", "e"], [0, 3, 4]);
        Assert.Equal(["e"], await IdsAsync());

        async Task<IReadOnlyList<string>> IdsAsync() =>
            await reader.ReadNewAsync(CancellationToken.None).Select(line => line.Json.Split('"')[3]).ToListAsync();

        Task UploadAsync(string name, string[] ids, int[] minutes) => lake
            .GetBlobClient($"{LakePath.HourFolder(Some.Project, "production", Some.Time)}{name}.ndjson.zst")
            .UploadAsync(BinaryData.FromBytes([.. ids.Zip(minutes).SelectMany(it => Stored.Frame(Stored.WithIds(Some.Time.AddMinutes(it.Second), [it.First])))]), overwrite: true);
    }

    [Fact]
    public void No_event_steers_the_terminal()
    {
        using var said = new StringWriter();
        var console = AnsiConsole.Create(new AnsiConsoleSettings { Out = new AnsiConsoleOutput(said), Ansi = AnsiSupport.No });
        const string Json = "{\"event_name\":\"a\u009b31m\",\"event_type\":\"\u007f\",\"received_at\":\"2026-04-08T12:00:00Z\",\"properties\":{\"b\":\"\u0085\"}}";

        EventsCommand.Print(console, LakeLine.Parse(Json), asJson: false);

        Assert.Contains("a\\u009b31m", said.ToString(), StringComparison.Ordinal);
        Assert.DoesNotContain(said.ToString(), c => char.IsControl(c) && c is not ('\r' or '\n'));
    }
}
