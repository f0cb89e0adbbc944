using Azure.Core;
using Azure.Storage.Blobs;
using Microsoft.Extensions.Configuration;

namespace Microsoft.Azure.Functions.Worker.EventHubs;

/// <summary>AzureWebJobsStorage: where the host keeps checkpoints and ownership.</summary>
internal static class HostStorage
{
    private const string Setting = "AzureWebJobsStorage";
    private const string EventHubContainer = "azure-webjobs-eventhub";

    public static BlobContainerClient Container(IConfiguration configuration)
    {
        // Storage that does not answer must not hold up a partition for the minutes that the client's own defaults allow.
        var options = new BlobClientOptions();
        options.Retry.MaxRetries = 1;
        options.Retry.Delay = TimeSpan.FromMilliseconds(200);
        options.Retry.NetworkTimeout = TimeSpan.FromSeconds(5);

        var connection = configuration.GetSection(Setting);
        if (!string.IsNullOrEmpty(connection.Value))
        {
            return new BlobServiceClient(connection.Value, options).GetBlobContainerClient(EventHubContainer);
        }

        var uri = connection["blobServiceUri"] ?? throw new InvalidOperationException(
            $"Event Hubs triggers keep their checkpoints in {Setting}: neither setting {Setting}, a connection string, nor {Setting}__blobServiceUri is there.");
        return new BlobServiceClient(new Uri(uri), (TokenCredential)Credentials.For(connection), options).GetBlobContainerClient(EventHubContainer);
    }
}
