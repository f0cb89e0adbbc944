using System.Diagnostics.Metrics;
using Azure;
using Kixo.RateLimiting;
using Kixo.Telemetry;
using Kixo.Tests.Support;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using Microsoft.Extensions.Time.Testing;
using Moq;

namespace Kixo.Tests.RateLimiting;

public sealed class CounterOutageTests
{
    private static readonly RequestFailedException Down = new(503, "down");

    private readonly FakeTimeProvider _time = new(new DateTimeOffset(Some.Time));
    private readonly Mock<ILogger<CounterOutage>> _log = new();
    private readonly CounterOutage _outage;
    private long _failures;

    public CounterOutageTests()
    {
        _log.Setup(log => log.IsEnabled(It.IsAny<LogLevel>())).Returns(true);
        var meters = new ServiceCollection().AddMetrics().BuildServiceProvider().GetRequiredService<IMeterFactory>();
        _outage = new(_time, Options.Create(new RateLimitOptions()), new KixoMetrics(meters), _log.Object);
        var listener = new MeterListener
        {
            InstrumentPublished = (instrument, listener) =>
            {
                if (instrument.Name == "kixo.counter.failures" && instrument.Meter.Scope == meters)
                {
                    listener.EnableMeasurementEvents(instrument);
                }
            },
        };
        listener.SetMeasurementEventCallback<long>((_, value, _, _) => _failures += value);
        listener.Start();
    }

    [Fact]
    public void Counters_are_away_when_none_has_answered_for_the_time_set_and_not_before()
    {
        Assert.False(Failed());
        _time.Advance(TimeSpan.FromSeconds(4.9));
        Assert.False(Failed());
        Assert.False(Failed());

        _time.Advance(TimeSpan.FromSeconds(0.1));
        Assert.True(Failed());
    }

    [Fact]
    public void Two_lost_answers_are_not_an_outage_however_far_apart()
    {
        Assert.False(Failed());
        _time.Advance(TimeSpan.FromMinutes(1));
        Assert.False(Failed());
    }

    [Fact]
    public void An_answer_of_any_project_ends_the_outage()
    {
        Outage();
        _outage.Answered();
        Assert.False(Failed());
    }

    [Fact]
    public void It_is_logged_once_a_minute_and_counted_each_time()
    {
        Outage();
        for (var second = 0; second < 119; second++)
        {
            Failed();
            _time.Advance(TimeSpan.FromSeconds(1));
        }

        Assert.Equal(2, _log.Invocations.Count(call => call.Method.Name == nameof(ILogger.Log)));
        Assert.Equal(3 + 119, _failures);
    }

    private bool Failed() => _outage.Failed(Down, Some.Project);

    private void Outage()
    {
        Failed();
        Failed();
        _time.Advance(TimeSpan.FromSeconds(5));
        Assert.True(Failed());
    }
}
