using Azure.Messaging.EventHubs;
using Azure.Storage.Blobs.Models;
using Kixo.Persistence;
using Kixo.Tests.Support;

namespace Kixo.Tests.Persistence;

/// <summary>Dead letters on real Azurite.</summary>
public sealed class DeadLettersTests(AzuriteFixture azurite) : IClassFixture<AzuriteFixture>
{
    [Fact]
    public async Task A_message_delivered_again_changes_nothing_nor_what_became_of_the_letter()
    {
        var letters = new DeadLetters(azurite.Blobs);
        var container = azurite.Blobs.GetBlobContainerClient(DeadLetters.Container);
        var message = EventHubsModelFactory.EventData(new BinaryData("hello"), sequenceNumber: 7, enqueuedTime: new(Some.Time));
        Assert.True(await letters.StoreAsync(message, "3", "Das war nichts für uns.", CancellationToken.None));
        var blob = container.GetBlobClient("events/3/20260408T120000.000Z-7");
        await blob.SetMetadataAsync(new Dictionary<string, string> { [DeadLetters.ReplayedKey] = "now" });

        Assert.False(await letters.StoreAsync(message, "3", "Once more.", CancellationToken.None));
        await letters.StoreAsync(
            EventHubsModelFactory.EventData(new BinaryData("new hub"), sequenceNumber: 7, enqueuedTime: new DateTimeOffset(Some.Time).AddSeconds(1)),
            "3", "Another.", CancellationToken.None);

        BlobDownloadResult stored = await blob.DownloadContentAsync();
        Assert.Equal("now", stored.Details.Metadata[DeadLetters.ReplayedKey]);
        Assert.Equal("Das war nichts für uns.", DeadLetter.Parse(stored.Content).Reason);
        Assert.True(await container.GetBlobClient("events/3/20260408T120001.000Z-7").ExistsAsync());
    }
}
