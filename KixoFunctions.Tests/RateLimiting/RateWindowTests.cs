using CsCheck;
using Kixo.RateLimiting;

namespace Kixo.Tests.RateLimiting;

public sealed class RateWindowTests
{
    private static readonly Gen<(RateWindow Window, long Now, int Limit, int Wanted)> Any = Gen.Select(
        Gen.Select(Gen.Long[0, 5], Gen.Int[0, 10], (second, used) => new RateWindow(second, used)), Gen.Long[0, 5], Gen.Int[1, 8], Gen.Int[1, 8]);

    [Fact]
    public void Take_grants_what_is_left_and_no_more_than_wanted() =>
        Any.Sample(it =>
        {
            var (next, granted) = it.Window.Take(it.Now, it.Limit, it.Wanted);

            var used = it.Now > it.Window.Second ? 0 : it.Window.Used;
            Assert.Equal(Math.Max(0, Math.Min(it.Wanted, it.Limit - used)), granted);
            Assert.Equal(new(Math.Max(it.Now, it.Window.Second), used + granted), next);
        });

    [Fact]
    public void However_clocks_run_no_second_grants_over_the_limit() =>
        Gen.Select(Gen.Select(Gen.Long[0, 5], Gen.Int[1, 8]).Array[1, 50], Gen.Int[1, 8]).Sample((takes, limit) =>
        {
            var window = default(RateWindow);
            var granted = new Dictionary<long, int>();
            foreach (var (now, wanted) in takes)
            {
                (window, var count) = window.Take(now, limit, wanted);
                granted[window.Second] = granted.GetValueOrDefault(window.Second) + count;
            }

            Assert.All(granted.Values, count => Assert.InRange(count, 0, limit));
        });

    [Fact]
    public void SecondOf_CutsTheFraction() => Assert.Equal(1, RateWindow.SecondOf(DateTimeOffset.UnixEpoch.AddMilliseconds(1_999)));
}
