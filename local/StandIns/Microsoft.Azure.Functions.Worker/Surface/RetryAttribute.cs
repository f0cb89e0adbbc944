namespace Microsoft.Azure.Functions.Worker;

/// <summary>What the host does when a function throws: invoke it again, up to <see cref="MaxRetryCount"/> times; −1 is for ever.</summary>
[AttributeUsage(AttributeTargets.Method)]
public abstract class RetryAttribute : Attribute
{
    public RetryAttribute()
    {
    }

    public int MaxRetryCount { get; set; }

    private protected static TimeSpan Interval(string text, string parameter)
    {
        if (!TimeSpan.TryParse(text, out var interval) || interval < TimeSpan.Zero)
        {
            throw new ArgumentOutOfRangeException(parameter, text, "Not a time span such as 00:00:05.");
        }

        return interval;
    }
}
