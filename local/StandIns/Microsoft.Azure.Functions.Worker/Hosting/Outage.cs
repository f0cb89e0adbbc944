using Microsoft.Extensions.Logging;

namespace Microsoft.Azure.Functions.Worker.Hosting;

/// <summary>Logs that something is away when it goes, once a minute while it is, and when it is back: not at every try.</summary>
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

        Log.Away(logger, what, exception.Message);
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

        Log.Back(logger, what);
    }
}
