using Kixo.Telemetry;
using Microsoft.Extensions.Time.Testing;

namespace Kixo.Tests.Telemetry;

public sealed class OncePerMinuteTests
{
    [Fact]
    public void It_is_time_at_first_and_a_minute_after_it_was()
    {
        var time = new FakeTimeProvider();
        var logging = new OncePerMinute(time);

        Assert.True(logging.IsDue());
        Assert.False(logging.IsDue());

        time.Advance(TimeSpan.FromSeconds(59));
        Assert.False(logging.IsDue());

        time.Advance(TimeSpan.FromSeconds(1));
        Assert.True(logging.IsDue());
    }
}
