namespace Azure.Messaging.EventHubs.Consumer;

public class EventHubConsumerClientOptions
{
    public EventHubConnectionOptions ConnectionOptions { get; set; } = new();

    public EventHubsRetryOptions RetryOptions { get; set; } = new();

    /// <summary>Names this client to the service; a new GUID by default.</summary>
    public string? Identifier { get; set; }
}
