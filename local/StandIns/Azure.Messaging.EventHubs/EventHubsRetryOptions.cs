namespace Azure.Messaging.EventHubs;

public class EventHubsRetryOptions
{
    private TimeSpan _delay = TimeSpan.FromSeconds(0.8);
    private TimeSpan _maximumDelay = TimeSpan.FromMinutes(1);
    private TimeSpan _tryTimeout = TimeSpan.FromMinutes(1);
    private int _maximumRetries = 3;

    public EventHubsRetryMode Mode { get; set; } = EventHubsRetryMode.Exponential;

    /// <summary>Replaces what the other properties describe.</summary>
    public EventHubsRetryPolicy? CustomRetryPolicy { get; set; }

    /// <summary>The pause between tries, or what the exponential pauses start from: 1 ms to 5 minutes, 0.8 s by default.</summary>
    public TimeSpan Delay
    {
        get => _delay;
        set
        {
            ArgumentOutOfRangeException.ThrowIfLessThan(value, TimeSpan.FromMilliseconds(1));
            ArgumentOutOfRangeException.ThrowIfGreaterThan(value, TimeSpan.FromMinutes(5));
            _delay = value;
        }
    }

    /// <summary>No pause is longer: 1 minute by default.</summary>
    public TimeSpan MaximumDelay
    {
        get => _maximumDelay;
        set
        {
            ArgumentOutOfRangeException.ThrowIfLessThan(value, TimeSpan.Zero);
            _maximumDelay = value;
        }
    }

    /// <summary>How long one try may take: 1 minute by default.</summary>
    public TimeSpan TryTimeout
    {
        get => _tryTimeout;
        set
        {
            ArgumentOutOfRangeException.ThrowIfLessThanOrEqual(value, TimeSpan.Zero);
            _tryTimeout = value;
        }
    }

    /// <summary>Tries after the first one: 0 to 100, 3 by default.</summary>
    public int MaximumRetries
    {
        get => _maximumRetries;
        set
        {
            ArgumentOutOfRangeException.ThrowIfNegative(value);
            ArgumentOutOfRangeException.ThrowIfGreaterThan(value, 100);
            _maximumRetries = value;
        }
    }
}
