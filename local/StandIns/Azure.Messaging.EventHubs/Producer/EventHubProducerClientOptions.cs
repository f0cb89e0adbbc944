namespace Azure.Messaging.EventHubs.Producer;

public class EventHubProducerClientOptions
{
    public EventHubConnectionOptions ConnectionOptions { get; set; } = new();

    public EventHubsRetryOptions RetryOptions { get; set; } = new();

    /// <summary>Names this client to the service; a new GUID by default.</summary>
    public string? Identifier { get; set; }
}
