namespace Azure.Messaging.EventHubs.Wire;

/// <summary>The policy that <see cref="EventHubsRetryOptions"/> describe.</summary>
internal sealed class RetryPolicy(EventHubsRetryOptions options) : EventHubsRetryPolicy
{
    /// <summary>Part of the delay that is random, so that clients that failed together do not come back together.</summary>
    private const double Jitter = 0.08;

    public override TimeSpan CalculateTryTimeout(int attemptCount) => options.TryTimeout;

    public override TimeSpan? CalculateRetryDelay(Exception lastException, int attemptCount)
    {
        if (attemptCount > options.MaximumRetries || lastException is not EventHubsException { IsTransient: true })
        {
            return null;
        }

        var factor = options.Mode == EventHubsRetryMode.Exponential ? Math.Pow(2, attemptCount) : 1;
        var seconds = options.Delay.TotalSeconds * (factor + (Random.Shared.NextDouble() * Jitter));
        return seconds < options.MaximumDelay.TotalSeconds ? TimeSpan.FromSeconds(seconds) : options.MaximumDelay;
    }
}
