namespace Azure.Messaging.EventHubs;

/// <summary>Says how long one try may take, and whether and when the next one follows.</summary>
public abstract class EventHubsRetryPolicy
{
    /// <returns>The pause before the next try, or null to give up.</returns>
    public abstract TimeSpan? CalculateRetryDelay(Exception lastException, int attemptCount);

    public abstract TimeSpan CalculateTryTimeout(int attemptCount);
}
