using Azure.Storage.Blobs;
using Microsoft.Extensions.Configuration;

namespace Kixo.Cli.Doctor;

/// <summary>Looks at the storage where the Functions host keeps its checkpoints: how far the hub has been read.</summary>
internal static class HostStorageCheck
{
    private const string Check = "host's storage";
    private const string Setting = "AzureWebJobsStorage";

    public static async Task<Finding> RunAsync(IConfiguration values, CancellationToken cancellationToken)
    {
        try
        {
            var client = Client(values);
            if (client is null)
            {
                return Finding.Problem(
                    Check, $"Neither setting '{Setting}' nor '{Setting}__blobServiceUri' is set: the trigger cannot run, and no event reaches the lake.",
                    "Set it to the same storage as 'Storage'.");
            }

            await foreach (var _ in client.GetBlobContainersAsync(cancellationToken: cancellationToken))
            {
                break;
            }

            return Finding.Ok(Check, "It answers.");
        }
        catch (Exception e) when (e is FormatException or ArgumentException)
        {
            return Finding.Problem(Check, $"Setting '{Setting}' is not a connection string, or its address is none.", "Set it to the same storage as 'Storage'.");
        }
        catch (Exception e)
        {
            return Diagnosis.Of(e, Check, $"the blob storage of setting '{Setting}'", "Check the account's name.", "'Storage Blob Data Owner'");
        }
    }

    private static BlobServiceClient? Client(IConfiguration values)
    {
        var options = new BlobClientOptions { Retry = { MaxRetries = 1 } };
        var address = values[$"{Setting}:blobServiceUri"] ?? (values[$"{Setting}:accountName"] is { Length: > 0 } account ? $"https://{account}.blob.core.windows.net" : null);
        return values[Setting] is { Length: > 0 } connectionString ? new(connectionString, options)
            : address is { Length: > 0 }
                ? new(new Uri(address), Identities.Of(values[$"{Setting}:clientId"]), options)
                : null;
    }
}
