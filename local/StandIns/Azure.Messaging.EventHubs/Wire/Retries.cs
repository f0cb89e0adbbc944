namespace Azure.Messaging.EventHubs.Wire;

/// <summary>Runs an operation, try after try, as the retry options say.</summary>
internal sealed class Retries(EventHubsRetryOptions options, string eventHubName, TimeProvider clock)
{
    private readonly EventHubsRetryPolicy _policy = options.CustomRetryPolicy ?? new RetryPolicy(options);

    public TimeSpan TryTimeout => _policy.CalculateTryTimeout(0);

    /// <param name="tryOnce">Gets a token that ends with the caller's or with the time for this try.</param>
    /// <param name="closed">What to throw, instead of any other failure, when the client has been closed.</param>
    /// <param name="extraTime">Added to the time for each try.</param>
    /// <param name="cancellationToken">The caller's.</param>
    public async Task<T> RunAsync<T>(
        Func<CancellationToken, Task<T>> tryOnce,
        Func<Exception?> closed,
        TimeSpan extraTime,
        CancellationToken cancellationToken)
    {
        for (var attempt = 1; ; attempt++)
        {
            if (closed() is { } unusable)
            {
                throw unusable;
            }

            Exception failure;
            using (var limited = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken))
            {
                limited.CancelAfter(_policy.CalculateTryTimeout(attempt - 1) + extraTime);
                try
                {
                    return await tryOnce(limited.Token);
                }
                catch (Exception exception)
                {
                    failure = exception;
                }
            }

            if (cancellationToken.IsCancellationRequested)
            {
                throw new TaskCanceledException("The operation was canceled.", failure, cancellationToken);
            }

            failure = closed() ?? Failures.Translate(failure, eventHubName);
            if (_policy.CalculateRetryDelay(failure, attempt) is not { } delay)
            {
                throw failure;
            }

            await Task.Delay(delay, clock, cancellationToken);
        }
    }
}
