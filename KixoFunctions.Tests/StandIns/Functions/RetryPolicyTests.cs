using Microsoft.Azure.Functions.Worker;
using Microsoft.Azure.Functions.Worker.Hosting;

namespace Kixo.Tests.StandIns.Functions;

public sealed class RetryPolicyTests
{
    [Fact]
    public void Without_an_attribute_nothing_is_tried_again() => Assert.Null(RetryPolicy.Of(null).DelayAfter(1));

    [Fact]
    public void A_fixed_delay_ends_after_its_count()
    {
        var policy = RetryPolicy.Of(new FixedDelayRetryAttribute(2, "00:00:03"));

        Assert.Equal([3.0, 3.0, null], Seconds(policy, 1, 2, 3));
    }

    [Fact]
    public void A_backoff_doubles_up_to_its_maximum_for_ever()
    {
        var policy = RetryPolicy.Of(new ExponentialBackoffRetryAttribute(-1, "00:00:01", "00:00:10"));

        Assert.Equal([1.0, 2.0, 4.0, 8.0, 10.0, 10.0], Seconds(policy, 1, 2, 3, 4, 5, 1_000_000));
    }

    [Theory]
    [InlineData("soon")]
    [InlineData("-00:00:01")]
    public void An_interval_that_is_none_is_refused(string interval) =>
        Assert.Throws<ArgumentOutOfRangeException>(() => new FixedDelayRetryAttribute(1, interval));

    [Fact]
    public void A_minimum_over_the_maximum_is_refused() =>
        Assert.Throws<ArgumentException>(() => new ExponentialBackoffRetryAttribute(1, "00:00:02", "00:00:01"));

    private static IEnumerable<double?> Seconds(RetryPolicy policy, params int[] failures) =>
        failures.Select(count => policy.DelayAfter(count)?.TotalSeconds);
}
