using Microsoft.Extensions.Logging;

namespace Microsoft.Azure.Functions.Worker.Hosting;

/// <summary>Logs that something fails when it begins to, once a minute while it does, and when it works again: not at every try.</summary>
internal sealed class Outage(string what, TimeProvider time, ILogger logger)
{
    private static readonly TimeSpan Reminder = TimeSpan.FromMinutes(1);

    private readonly Lock _lock = new();
    private long? _reported;

    public void Report(Exception exception)
    {
        lock (_lock)
        {
            if (_reported is { } last && time.GetElapsedTime(last) < Reminder)
            {
                return;
            }

            _reported = time.GetTimestamp();
        }

        Log.Fails(logger, what, exception.GetBaseException().Message);
    }

    public void Over()
    {
        lock (_lock)
        {
            if (_reported is null)
            {
                return;
            }

            _reported = null;
        }

        Log.WorksAgain(logger, what);
    }
}
