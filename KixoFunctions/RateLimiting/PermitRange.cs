namespace Kixo.RateLimiting;

/// <summary>Permits of one UTC second that follow one another: leased, and not yet spent.</summary>
/// <param name="Second">Seconds since 1970-01-01T00:00Z.</param>
/// <param name="First">The number of the first, over all instances.</param>
/// <param name="Count">How many.</param>
internal readonly record struct PermitRange(long Second, int First, int Count)
{
    /// <summary>The last <paramref name="granted"/> permits that <paramref name="window"/> counts as used.</summary>
    public static PermitRange EndOf(RateWindow window, int granted) => new(window.Second, window.Used - granted, granted);

    public PermitRange WithoutFirst() => new(Second, First + 1, Count - 1);
}
