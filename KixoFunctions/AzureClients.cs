using Azure.Core;
using Azure.Data.Tables;
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
        return Create(
            settings, "Storage", "tableServiceUri",
            connectionString => new TableServiceClient(connectionString, options),
            (address, identity) => new TableServiceClient(new Uri(address), identity, options));
    }

    /// <summary>Blobs serve the trigger, which retries for ever with growing delays of its own.</summary>
    public static BlobServiceClient Blobs(IConfiguration settings)
    {
        var options = new BlobClientOptions
        {
            Retry = { MaxRetries = 2, Delay = TimeSpan.FromMilliseconds(200), NetworkTimeout = TimeSpan.FromSeconds(30) },
        };
        return Create(
            settings, "Storage", "blobServiceUri",
            connectionString => new BlobServiceClient(connectionString, options),
            (address, identity) => new BlobServiceClient(new Uri(address), identity, options));
    }

    /// <summary>
    /// The producer does not try again: a message that was acknowledged too late would be in the hub twice, under two sequence
    /// numbers, for one answer of 200. The client tries again, with the same event ids.
    /// </summary>
    public static EventHubProducerClient Producer(IConfiguration settings)
    {
        var options = new EventHubProducerClientOptions
        {
            RetryOptions = new EventHubsRetryOptions { MaximumRetries = 0, TryTimeout = TimeSpan.FromSeconds(10) },
        };
        return Create(
            settings, "EventHub", "fullyQualifiedNamespace",
            connectionString => new EventHubProducerClient(connectionString, EventChunk.Hub, options),
            (address, identity) => new EventHubProducerClient(address, EventChunk.Hub, identity, options));
    }

    /// <exception cref="InvalidOperationException">Neither is set, or it is not understood; the message names the setting, and holds no secret.</exception>
    private static T Create<T>(
        IConfiguration settings, string name, string addressKey, Func<string, T> fromConnectionString, Func<string, TokenCredential, T> fromAddress)
    {
        var connectionString = settings[name];
        var address = settings[$"{name}:{addressKey}"];
        if (string.IsNullOrEmpty(connectionString) && string.IsNullOrEmpty(address))
        {
            throw new InvalidOperationException(
                $"Neither setting '{name}' (a connection string) nor '{name}__{addressKey}' (an address, used with an identity) is set.");
        }

        try
        {
            return string.IsNullOrEmpty(connectionString)
                ? fromAddress(address!, Identities.Of(settings[$"{name}:clientId"]))
                : fromConnectionString(connectionString);
        }
        catch (Exception e) when (e is FormatException or ArgumentException or InvalidOperationException)
        {
            throw new InvalidOperationException($"Setting '{name}' or '{name}__{addressKey}' is not what its client understands.", e);
        }
    }
}
