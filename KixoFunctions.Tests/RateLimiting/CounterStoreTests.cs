using Azure;
using Kixo.RateLimiting;
using Kixo.Tests.Support;

namespace Kixo.Tests.RateLimiting;

/// <summary>On real Azurite: a race that was lost is told from a counter that cannot be had.</summary>
public sealed class CounterStoreTests(AzuriteFixture azurite) : IClassFixture<AzuriteFixture>
{
    private static readonly RateWindow Window = new(1, 2);

    private readonly CounterStore _store = new(azurite.Tables);

    [Fact]
    public async Task What_was_saved_is_loaded_and_saved_on_under_its_ETag()
    {
        var first = await _store.TrySaveAsync("saved", Window, under: null, CancellationToken.None);
        Assert.Equal((Window, first), await _store.LoadAsync("saved", CancellationToken.None));

        Assert.NotNull(await _store.TrySaveAsync("saved", Window, first, CancellationToken.None));
        Assert.Null(await _store.TrySaveAsync("saved", Window, first, CancellationToken.None));
        Assert.Null(await _store.TrySaveAsync("saved", Window, under: null, CancellationToken.None));
    }

    [Fact]
    public async Task A_counter_that_was_deleted_is_a_lost_race()
    {
        var etag = await _store.TrySaveAsync("deleted", Window, under: null, CancellationToken.None);
        await azurite.Tables.GetTableClient(CounterEntity.Table).DeleteEntityAsync("deleted", CounterEntity.Row);

        Assert.Null(await _store.TrySaveAsync("deleted", Window, etag, CancellationToken.None));
        Assert.Equal(default, await _store.LoadAsync("deleted", CancellationToken.None));
    }

    [Fact]
    public async Task A_table_that_was_deleted_is_a_fault()
    {
        var table = azurite.Tables.GetTableClient(CounterEntity.Table);
        await table.DeleteAsync();
        try
        {
            await Assert.ThrowsAsync<RequestFailedException>(() => _store.TrySaveAsync("any", Window, under: null, CancellationToken.None));
            await Assert.ThrowsAsync<RequestFailedException>(() => _store.TrySaveAsync("any", Window, new ETag("W/\"1\""), CancellationToken.None));
        }
        finally
        {
            await table.CreateAsync();
        }
    }
}
