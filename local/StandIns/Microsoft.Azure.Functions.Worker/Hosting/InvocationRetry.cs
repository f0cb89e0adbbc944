namespace Microsoft.Azure.Functions.Worker.Hosting;

/// <summary>Which attempt at its events an invocation is.</summary>
internal sealed class InvocationRetry(int retryCount, int maxRetryCount) : RetryContext
{
    /// <summary>The first attempt of a function without a retry policy.</summary>
    public static InvocationRetry First { get; } = new(0, 0);

    public override int RetryCount { get; } = retryCount;

    public override int MaxRetryCount { get; } = maxRetryCount;
}
