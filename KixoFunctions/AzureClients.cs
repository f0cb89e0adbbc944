using Azure.Data.Tables;
using Azure.Identity;
using Azure.Messaging.EventHubs;
using Azure.Messaging.EventHubs.Producer;
using Azure.Storage.Blobs;
using Microsoft.Extensions.Configuration;

namespace Kixo;

/// <summary>
/// The clients of Storage and Event Hubs, from settings: a connection string (<c>Storage</c>, <c>EventHub</c>: local runs), or
/// an address (<c>Storage__tableServiceUri</c>, <c>Storage__blobServiceUri</c>, <c>EventHub__fullyQualifiedNamespace</c>) with
/// an identity, the user-assigned one of <c>…__clientId</c> where that is set.
/// </summary>
internal static class AzureClients
{
    /// <summary>Tables serve requests that wait: one quick try more, then the cache or a local limit answers.</summary>
    public static TableServiceClient Tables(IConfiguration settings)
    {
        var options = new TableClientOptions
        {
            Retry = { MaxRetries = 1, Delay = TimeSpan.FromMilliseconds(50), NetworkTimeout = TimeSpan.FromSeconds(2) },
        };
        return settings["Storage"] is { Length: > 0 } connectionString
            ? Named("Storage", () => new TableServiceClient(connectionString, options))
            : new TableServiceClient(Address(settings, "Storage:tableServiceUri"), Identity(settings, "Storage:clientId"), options);
    }

    /// <summary>Blobs serve the trigger, which retries for ever with growing delays of its own.</summary>
    public static BlobServiceClient Blobs(IConfiguration settings)
    {
        var options = new BlobClientOptions
        {
            Retry = { MaxRetries = 2, Delay = TimeSpan.FromMilliseconds(200), NetworkTimeout = TimeSpan.FromSeconds(30) },
        };
        return settings["Storage"] is { Length: > 0 } connectionString
            ? Named("Storage", () => new BlobServiceClient(connectionString, options))
            : new BlobServiceClient(Address(settings, "Storage:blobServiceUri"), Identity(settings, "Storage:clientId"), options);
    }

    /// <summary>
    /// The producer does not try again: a message that was acknowledged too late would be in the hub twice, under two sequence
    /// numbers, for one answer of 200. The client tries again, with the same event ids.
    /// </summary>
    public static EventHubProducerClient Producer(IConfiguration settings)
    {
        var options = new EventHubProducerClientOptions
        {
            RetryOptions = new EventHubsRetryOptions
            {
                MaximumRetries = 0,
                TryTimeout = TimeSpan.FromSeconds(10),
            },
        };
        if (settings["EventHub"] is { Length: > 0 } connectionString)
        {
            return Named("EventHub", () => new EventHubProducerClient(connectionString, EventChunk.Hub, options));
        }

        var fullyQualifiedNamespace = settings["EventHub:fullyQualifiedNamespace"] is { Length: > 0 } name ? name : throw Missing("EventHub", "EventHub__fullyQualifiedNamespace");
        return new EventHubProducerClient(fullyQualifiedNamespace, EventChunk.Hub, Identity(settings, "EventHub:clientId"), options);
    }

    private static DefaultAzureCredential Identity(IConfiguration settings, string clientId) =>
        new(new DefaultAzureCredentialOptions { ManagedIdentityClientId = settings[clientId] });

    private static Uri Address(IConfiguration settings, string key) =>
        Uri.TryCreate(settings[key], UriKind.Absolute, out var address) ? address : throw Missing("Storage", key.Replace(":", "__", StringComparison.Ordinal));

    // The clients' own messages do not say which setting is wrong, and a connection string is not for the log.
    private static T Named<T>(string setting, Func<T> create)
    {
        try
        {
            return create();
        }
        catch (Exception e) when (e is FormatException or ArgumentException or InvalidOperationException)
        {
            throw new InvalidOperationException($"Setting '{setting}' is not a connection string that its client understands.", e);
        }
    }

    private static InvalidOperationException Missing(string setting, string address) =>
        new($"Neither setting '{setting}' (a connection string) nor '{address}' (an address, used with an identity) is set, or it is not understood.");
}
