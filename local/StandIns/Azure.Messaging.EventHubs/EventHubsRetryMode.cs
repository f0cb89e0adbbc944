namespace Azure.Messaging.EventHubs;

public enum EventHubsRetryMode
{
    Fixed = 0,
    Exponential = 1,
}
