namespace Kixo.RateLimiting;

/// <summary>
/// How many requests a project makes on this instance, and so how many permits are worth leasing at once. Pure; one owner.
/// </summary>
internal struct Demand
{
    /// <summary>What a lease covers in the usual case: four or five writes in a busy second.</summary>
    public static readonly TimeSpan ShortestHorizon = TimeSpan.FromMilliseconds(250);

    /// <summary>What a lease covers after lost races: fewer, larger ones, but never more than the rest of the second.</summary>
    public static readonly TimeSpan LongestHorizon = TimeSpan.FromSeconds(1);

    private long _second;
    private int _thisSecond;
    private int _lastSecond;

    /// <summary>Counts a request that came in the UTC second <paramref name="now"/>.</summary>
    public void Count(long now)
    {
        if (now != _second)
        {
            (_lastSecond, _thisSecond) = (now == _second + 1 ? _thisSecond : 0, 0);
            _second = now;
        }

        _thisSecond++;
    }

    /// <summary>
    /// Permits to ask for: one for each who waits, and those that will be wanted until the horizon. Rounded down, since a permit
    /// that nobody wants in its second is lost to all instances.
    /// </summary>
    /// <param name="waiting">Requests that wait for a permit now.</param>
    /// <param name="untilNextSecond">The rest of the second, with which permits die.</param>
    /// <param name="horizon">How far to look ahead.</param>
    public readonly int LeaseSize(int waiting, TimeSpan untilNextSecond, TimeSpan horizon)
    {
        var ahead = untilNextSecond < horizon ? untilNextSecond : horizon;
        return waiting + (int)(Math.Max(_lastSecond, _thisSecond) * ahead.TotalSeconds);
    }
}
