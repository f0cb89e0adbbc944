using Microsoft.Azure.Functions.Worker.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Time.Testing;

namespace Kixo.Tests.StandIns.Functions;

public sealed class OutageTests
{
    [Fact]
    public void It_is_told_when_it_begins_once_a_minute_and_when_it_is_over()
    {
        var time = new FakeTimeProvider();
        var log = new Messages();
        var outage = new Outage("reading", time, log);

        outage.Over();
        for (var second = 0; second < 90; second++)
        {
            outage.Report(new IOException("no answer"));
            time.Advance(TimeSpan.FromSeconds(1));
        }

        outage.Over();
        outage.Over();

        Assert.Equal(["reading fails, trying again: no answer", "reading fails, trying again: no answer", "reading works again"], log.Written);
    }

    private sealed class Messages : ILogger
    {
        public List<string> Written { get; } = [];

        public IDisposable? BeginScope<TState>(TState state)
            where TState : notnull => null;

        public bool IsEnabled(LogLevel logLevel) => true;

        public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter) =>
            Written.Add(formatter(state, exception));
    }
}
