using Kixo.Local;

namespace Kixo.Tests.Local;

public sealed class CountersTests
{
    [Fact]
    public void Parse_CountersByNameAndTags_AddsUpTheTags() =>
        Assert.Equal(
            new Counters(Requests: 17, Accepted: 120, Rejected: 3, Throttled: 5, Persisted: 119),
            Counters.Parse(
                """
                {"kixo.requests{outcome=ok}": 12, "kixo.requests{outcome=rate_limited}": 5, "kixo.requests.other": 100,
                 "kixo.events.accepted": 120, "kixo.events.rejected": 3, "kixo.events.persisted": 119, "unknown": 1}
                """));

    [Fact]
    public void Plus_TwoInstances_IsTheirSum() =>
        Assert.Equal(new Counters(11, 22, 33, 44, 55), new Counters(1, 2, 3, 4, 5) + new Counters(10, 20, 30, 40, 50));

    [Fact]
    public void Parse_NothingCountedYet_IsZero()
    {
        Assert.Equal(default, Counters.Parse("{}"));
        Assert.Equal(default, Counters.Parse("null"));
    }
}
