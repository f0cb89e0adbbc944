using System.Collections.Concurrent;
using Azure;
using Azure.Data.Tables;
using Azure.Storage.Blobs;
using Azure.Storage.Blobs.Models;
using Azure.Storage.Blobs.Specialized;
using Kixo.Local;
using Kixo.Tests.Support;
using Xunit.Abstractions;

namespace Kixo.Tests.Chaos;

/// <summary>The ground the chaos test stands on: storage that keeps, through SIGKILL, what it has acknowledged or shown.</summary>
[Collection(nameof(RunsAlone))]
[Trait("Category", ChaosOptions.Category)]
public sealed class SaveBeforeAnswerTests(ITestOutputHelper output) : IAsyncLifetime
{
    private const int Writers = 4;
    private const string Name = "kept";

    private readonly TestFolder _folder = new();
    private readonly Random _random = new(ChaosOptions.Seed);
    private readonly ConcurrentDictionary<int, (List<string> Blocks, int Row)> _acknowledged = new();

    private static int Rounds => Math.Max(4, (int)ChaosOptions.Duration.TotalSeconds / 20);

    public Task InitializeAsync() => Azurite.InstallAsync(_ => { }, CancellationToken.None);

    public Task DisposeAsync()
    {
        _folder.Dispose();
        return Task.CompletedTask;
    }

    [Fact]
    public async Task What_storage_has_acknowledged_is_there_after_it_was_killed()
    {
        for (var round = 0; round < Rounds; round++)
        {
            await using var azurite = await StartAsync();
            var (blobs, table) = await ClientsAsync(azurite);
            await CheckAsync(blobs, table);

            using var killed = new CancellationTokenSource();
            var writing = Enumerable.Range(0, Writers).Select(writer => WriteAsync(writer, blobs, table, killed.Token)).ToList();
            await Task.Delay(TimeSpan.FromMilliseconds(_random.Next(300, 1500)), TimeProvider.System, CancellationToken.None);
            await azurite.Process.KillAsync();
            await killed.CancelAsync();
            await Task.WhenAll(writing);
        }

        await using (var azurite = await StartAsync())
        {
            var (blobs, table) = await ClientsAsync(azurite);
            await CheckAsync(blobs, table);
        }

        Assert.Contains(_acknowledged.Values, it => it.Row > 0);
        output.WriteLine($"{Rounds} kills (seed {ChaosOptions.Seed}); all of {_acknowledged.Values.Sum(it => it.Blocks.Count):N0} blocks and "
            + $"{_acknowledged.Values.Sum(it => it.Row):N0} rows that were acknowledged are there.");
    }

    private Task<Azurite> StartAsync() => Azurite.StartAsync(
        _folder.Sub("data"), _folder.Sub("azurite.log"), AzuritePorts.Free(), CancellationToken.None, savesBeforeAnswer: true);

    private static async Task<(BlobContainerClient Blobs, TableClient Table)> ClientsAsync(Azurite azurite)
    {
        var blobs = new BlobContainerClient(azurite.ConnectionString, Name, new BlobClientOptions { Retry = { MaxRetries = 0 } });
        var table = new TableClient(azurite.ConnectionString, Name, new TableClientOptions { Retry = { MaxRetries = 0 } });
        await blobs.CreateIfNotExistsAsync();
        await table.CreateIfNotExistsAsync();
        return (blobs, table);
    }

    /// <summary>A blob that grows by a block, and a row that counts up, until storage is gone.</summary>
    private async Task WriteAsync(int writer, BlobContainerClient blobs, TableClient table, CancellationToken cancellationToken)
    {
        var blob = blobs.GetBlockBlobClient($"{writer}");
        var (blocks, row) = _acknowledged.GetOrAdd(writer, _ => ([], 0));
        try
        {
            while (true)
            {
                var id = Guid.NewGuid().ToByteArray();
                var name = Convert.ToBase64String(id);
                await blob.StageBlockAsync(name, new MemoryStream(id), cancellationToken: cancellationToken);
                await blob.CommitBlockListAsync([.. blocks, name], cancellationToken: cancellationToken);
                blocks.Add(name);
                await table.UpsertEntityAsync(Row(writer, row + 1), TableUpdateMode.Replace, cancellationToken);
                row++;
            }
        }
        catch (Exception e) when (e is RequestFailedException or OperationCanceledException or AggregateException)
        {
            _acknowledged[writer] = (blocks, row);
        }
    }

    /// <summary>What was under way may be there as well, or not.</summary>
    private async Task CheckAsync(BlobContainerClient blobs, TableClient table)
    {
        foreach (var (writer, (blocks, row)) in _acknowledged)
        {
            if (row == 0)
            {
                continue; // killed before the writer had come around once
            }

            var blob = blobs.GetBlockBlobClient($"{writer}");
            BlockList list = await blob.GetBlockListAsync(BlockListTypes.Committed);
            var there = list.CommittedBlocks.Select(block => block.Name).ToList();
            Assert.Equal(blocks, there.Take(blocks.Count));
            Assert.InRange(there.Count, blocks.Count, blocks.Count + 1);
            BlobDownloadResult content = await blob.DownloadContentAsync();
            Assert.Equal(there.SelectMany(Convert.FromBase64String), content.Content.ToArray());

            TableEntity entity = await table.GetEntityAsync<TableEntity>(Name, $"{writer}");
            Assert.InRange(entity.GetInt32("Count")!.Value, row, row + 1);
            _acknowledged[writer] = (there, entity.GetInt32("Count")!.Value);
        }
    }

    private static TableEntity Row(int writer, int count) => new(Name, $"{writer}") { ["Count"] = count };
}
