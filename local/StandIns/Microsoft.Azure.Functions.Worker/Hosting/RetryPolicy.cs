using System.Globalization;

namespace Microsoft.Azure.Functions.Worker.Hosting;

/// <summary>
/// How often (−1 is for ever) and when to try again: the delay doubles from <paramref name="Minimum"/> up to <paramref name="Maximum"/>.
/// </summary>
internal readonly record struct RetryPolicy(int MaxRetryCount, TimeSpan Minimum, TimeSpan Maximum)
{
    public static RetryPolicy None => default;

    public static RetryPolicy Of(RetryAttribute? attribute) => attribute switch
    {
        FixedDelayRetryAttribute it => new(it.MaxRetryCount, Parse(it.DelayInterval), Parse(it.DelayInterval)),
        ExponentialBackoffRetryAttribute it => new(it.MaxRetryCount, Parse(it.MinimumInterval), Parse(it.MaximumInterval)),
        _ => None,
    };

    /// <summary>How long to wait after so many failures in a row; null when the policy has ended.</summary>
    public TimeSpan? DelayAfter(int failures)
    {
        if (MaxRetryCount >= 0 && failures > MaxRetryCount)
        {
            return null;
        }

        // 2^30 times the minimum is past any maximum that makes sense, and far from overflow.
        var delay = Minimum * Math.Pow(2, Math.Min(failures - 1, 30));
        return delay < Maximum ? delay : Maximum;
    }

    private static TimeSpan Parse(string interval) => TimeSpan.Parse(interval, CultureInfo.InvariantCulture);
}
