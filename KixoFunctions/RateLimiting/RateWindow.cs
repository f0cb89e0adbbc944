namespace Kixo.RateLimiting;

/// <summary>A project's count in one UTC second. Pure: who saves it, and under which ETag, is the store's business.</summary>
/// <param name="Second">Seconds since 1970-01-01T00:00Z.</param>
/// <param name="Used">Permits given out of this second, over all instances.</param>
internal readonly record struct RateWindow(long Second, int Used)
{
    /// <summary>How far ahead another instance's clock may be. A window beyond that is a clock's mistake, and must not close the project until then.</summary>
    private const int MostSecondsAhead = 5;

    public static long SecondOf(DateTimeOffset time) => time.ToUnixTimeSeconds();

    /// <summary>
    /// Takes up to <paramref name="wanted"/> permits of the second <paramref name="now"/>. A window ahead of it is another
    /// instance's clock running fast, and is drawn on, so that no clock opens a second twice.
    /// </summary>
    public (RateWindow Window, int Granted) Take(long now, int limit, int wanted)
    {
        var current = now > Second || Second - now > MostSecondsAhead ? new RateWindow(now, 0) : this;
        var granted = Math.Clamp(limit - current.Used, 0, wanted);
        return (current with { Used = current.Used + granted }, granted);
    }
}
