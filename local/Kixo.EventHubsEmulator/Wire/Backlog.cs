namespace Kixo.EventHubsEmulator.Wire;

/// <summary>Counts bytes that wait in memory for something slow, so that what brings more of them can wait for room. Thread-safe.</summary>
internal sealed class Backlog(long limit)
{
    private readonly Lock _gate = new();
    private long _limit = limit;
    private long _bytes;
    private TaskCompletionSource? _room;

    public void Add(long bytes) => Change(bytes);

    public void Remove(long bytes) => Change(-bytes);

    /// <summary>Completes when the backlog is below its limit.</summary>
    public Task RoomAsync()
    {
        lock (_gate)
        {
            return _bytes < _limit ? Task.CompletedTask : (_room ??= new(TaskCreationOptions.RunContinuationsAsynchronously)).Task;
        }
    }

    /// <summary>Lets all that wait go on: there is nothing left to wait for.</summary>
    public void GiveUp()
    {
        lock (_gate)
        {
            _limit = long.MaxValue;
        }

        Change(0);
    }

    private void Change(long bytes)
    {
        lock (_gate)
        {
            _bytes += bytes;
            if (_bytes < _limit)
            {
                _room?.SetResult();
                _room = null;
            }
        }
    }
}
