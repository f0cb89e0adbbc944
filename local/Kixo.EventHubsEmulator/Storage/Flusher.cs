namespace Kixo.EventHubsEmulator.Storage;

/// <summary>Forces a partition's newest segment to the disk at an interval, when something was written. Earlier ones are flushed when they are left.</summary>
internal sealed class Flusher : IAsyncDisposable
{
    private readonly SegmentRow _segments;
    private readonly Action<string> _report;
    private readonly ITimer _timer;
    private int _written;

    public Flusher(SegmentRow segments, TimeSpan interval, Action<string> report, TimeProvider clock)
    {
        (_segments, _report) = (segments, report);
        _timer = clock.CreateTimer(_ => Flush(), null, interval, interval);
    }

    public void Written() => Volatile.Write(ref _written, 1);

    public async ValueTask DisposeAsync()
    {
        await _timer.DisposeAsync();
        Flush();
    }

    private void Flush()
    {
        if (Interlocked.Exchange(ref _written, 0) == 0)
        {
            return;
        }

        try
        {
            _segments.Last.Flush();
        }
        catch (ObjectDisposedException)
        {
            // Retention has deleted it just now.
        }
        catch (IOException exception)
        {
            _report($"Events could not be forced to the disk: {exception.Message}");
        }
    }
}
