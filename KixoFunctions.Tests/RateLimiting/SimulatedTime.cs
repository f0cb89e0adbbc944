namespace Kixo.Tests.RateLimiting;

/// <summary>
/// Virtual time and the order of everything that happens in it, on one thread: the same seed gives the same run. Continuations
/// are run as they come; when there are none, the clock jumps to the next timer.
/// </summary>
internal sealed class SimulatedTime : TimeProvider
{
    private readonly PriorityQueue<Timer, (long Due, long Order)> _timers = new();
    private readonly Queue<(SendOrPostCallback Callback, object? State)> _ready = new();
    private readonly DateTimeOffset _start = new(2026, 4, 8, 12, 0, 0, TimeSpan.Zero);
    private long _order;

    /// <summary>Ticks (100 ns) since the start.</summary>
    public long Elapsed { get; private set; }

    public override long TimestampFrequency => TimeSpan.TicksPerSecond;

    public override DateTimeOffset GetUtcNow() => _start.AddTicks(Elapsed);

    public override long GetTimestamp() => Elapsed;

    public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period)
    {
        var timer = new Timer(this, () => callback(state));
        timer.Change(dueTime, period);
        return timer;
    }

    /// <summary>Runs what <paramref name="main"/> starts, and all that follows of it, until it has ended.</summary>
    public void Run(Func<Task> main)
    {
        var before = SynchronizationContext.Current;
        SynchronizationContext.SetSynchronizationContext(new Context(this));
        try
        {
            var task = main();
            while (!task.IsCompleted)
            {
                if (_ready.TryDequeue(out var next))
                {
                    next.Callback(next.State);
                }
                else if (_timers.TryDequeue(out var timer, out var due))
                {
                    Elapsed = Math.Max(Elapsed, due.Due);
                    timer.Fire(due.Order);
                }
                else
                {
                    throw new InvalidOperationException("Everything waits, and no timer is set.");
                }
            }

            task.GetAwaiter().GetResult();
        }
        finally
        {
            SynchronizationContext.SetSynchronizationContext(before);
        }
    }

    /// <summary>The same time as another instance sees it, whose clock is off.</summary>
    public TimeProvider Skewed(Func<TimeSpan> by) => new SkewedTime(this, by);

    private sealed class Context(SimulatedTime time) : SynchronizationContext
    {
        public override void Post(SendOrPostCallback d, object? state) => time._ready.Enqueue((d, state));
    }

    private sealed class Timer(SimulatedTime time, Action fire) : ITimer
    {
        private long _set;

        public bool Change(TimeSpan dueTime, TimeSpan period)
        {
            _set = 0;
            if (dueTime >= TimeSpan.Zero)
            {
                _set = ++time._order;
                time._timers.Enqueue(this, (time.Elapsed + dueTime.Ticks, _set));
            }

            return true;
        }

        /// <summary>Fires, unless it was set anew or disposed since.</summary>
        public void Fire(long order)
        {
            if (_set == order)
            {
                _set = 0;
                fire();
            }
        }

        public void Dispose() => _set = 0;

        public ValueTask DisposeAsync()
        {
            Dispose();
            return ValueTask.CompletedTask;
        }
    }

    private sealed class SkewedTime(SimulatedTime time, Func<TimeSpan> by) : TimeProvider
    {
        public override long TimestampFrequency => time.TimestampFrequency;

        public override DateTimeOffset GetUtcNow() => time.GetUtcNow() + by();

        public override long GetTimestamp() => time.GetTimestamp();

        public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period) =>
            time.CreateTimer(callback, state, dueTime, period);
    }
}
