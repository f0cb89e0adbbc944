namespace Kixo.RateLimiting;

/// <summary>
/// How many requests a project makes on this instance, and so how many permits are worth leasing at once. Pure; one owner.
/// </summary>
internal struct Demand
{
    /// <summary>What a lease covers in the usual case: four or five writes in a busy second.</summary>
    public static readonly TimeSpan ShortestHorizon = TimeSpan.FromMilliseconds(250);

    /// <summary>What a lease covers after lost races: fewer and larger ones.</summary>
    public static readonly TimeSpan LongestHorizon = TimeSpan.FromMilliseconds(500);

    private long _second;
    private int _thisSecond;
    private int _lastSecond;
    private int _secondBefore;

    /// <summary>Counts a request that came in the UTC second <paramref name="now"/>.</summary>
    public void Count(long now)
    {
        if (now != _second)
        {
            (_secondBefore, _lastSecond) = (now - _second) switch
            {
                1 => (_lastSecond, _thisSecond),
                2 => (_thisSecond, 0),
                _ => (0, 0),
            };
            (_second, _thisSecond) = (now, 0);
        }

        _thisSecond++;
    }

    /// <summary>
    /// Permits to ask for: one for each who waits, and those that will most likely be wanted until the horizon. On the safe side,
    /// by the spread of requests that come at random (the root of their number), since a permit that nobody wants in its second
    /// is lost to all instances.
    /// </summary>
    /// <param name="waiting">Requests that wait for a permit now.</param>
    /// <param name="untilNextSecond">The rest of the second, with which permits die.</param>
    /// <param name="horizon">How far to look ahead.</param>
    public readonly int LeaseSize(int waiting, TimeSpan untilNextSecond, TimeSpan horizon)
    {
        var ahead = untilNextSecond < horizon ? untilNextSecond : horizon;
        var perSecond = Math.Max((_lastSecond + _secondBefore) / 2.0, _thisSecond);
        var expected = perSecond * ahead.TotalSeconds;
        return waiting + (int)Math.Max(0, expected - Math.Sqrt(expected));
    }
}
