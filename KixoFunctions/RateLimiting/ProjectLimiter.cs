using System.Diagnostics.CodeAnalysis;
using System.Threading.RateLimiting;
using Azure;
using Kixo.Telemetry;

namespace Kixo.RateLimiting;

/// <summary>
/// One project's permits on this instance. It leases several permits of the current UTC second from the project's counter in
/// one write, and spends them without asking anyone; what is left of them dies with the second. Requests that come while a
/// write is under way wait together for the next. Shared by all requests of the project: <see cref="_gate"/> guards what they
/// share, and only the one running <see cref="LeaseForWaitersAsync"/> touches the counter.
/// </summary>
internal sealed class ProjectLimiter(
    string projectId, int limit, CounterStore store, RateLimitOptions options, TimeProvider time, CounterOutage outage, KixoMetrics metrics)
    : RateLimiter
{
    private readonly Lock _gate = new();
    private List<TaskCompletionSource<Permit>> _waiting = [];
    private long _oldestWaits;
    private bool _leasing;
    private long _lastUsed = time.GetTimestamp();

    private Demand _demand;
    private TimeSpan _horizon = Demand.ShortestHorizon;

    private PermitRange _inHand;

    // What the counter said last, and under which ETag: usually still true, which saves the read.
    private RateWindow _window;
    private ETag? _etag;
    private bool _loaded;

    // What this instance has had, from whomever: a counter that fails and comes back within a second adds no second limit to it.
    private RateWindow _had;

    private long _granted;
    private long _refused;

    /// <summary>How long nobody has asked; null while somebody waits. Limiters that are idle for seconds are dropped.</summary>
    public override TimeSpan? IdleDuration
    {
        get
        {
            lock (_gate)
            {
                return _leasing ? null : time.GetElapsedTime(_lastUsed);
            }
        }
    }

    public override RateLimiterStatistics GetStatistics()
    {
        lock (_gate)
        {
            return new()
            {
                CurrentAvailablePermits = _inHand.Second >= Now ? _inHand.Count : 0,
                CurrentQueuedCount = _waiting.Count,
                TotalSuccessfulLeases = _granted,
                TotalFailedLeases = _refused,
            };
        }
    }

    private long Now => RateWindow.SecondOf(time.GetUtcNow());

    /// <summary>A permit that is in hand, or a refusal; asks nobody.</summary>
    protected override RateLimitLease AttemptAcquireCore(int permitCount)
    {
        lock (_gate)
        {
            return new PermitLease(TryDecide() ?? Decide(granted: false, left: 0));
        }
    }

    /// <summary>A permit, for which the counter is asked when none is in hand and it is not known to be used up.</summary>
    /// <param name="permitCount">One.</param>
    /// <param name="cancellationToken">Ends this request's wait; a permit leased for it is lost with its second.</param>
    protected override ValueTask<RateLimitLease> AcquireAsyncCore(int permitCount, CancellationToken cancellationToken)
    {
        var waiter = new TaskCompletionSource<Permit>(TaskCreationOptions.RunContinuationsAsynchronously);
        bool first;
        lock (_gate)
        {
            _lastUsed = time.GetTimestamp();
            _demand.Count(Now);
            if (TryDecide() is Permit permit)
            {
                return ValueTask.FromResult<RateLimitLease>(new PermitLease(permit));
            }

            _oldestWaits = _waiting.Count == 0 ? time.GetTimestamp() : _oldestWaits;
            _waiting.Add(waiter);
            (first, _leasing) = (!_leasing, true);
        }

        if (first)
        {
            _ = LeaseForWaitersAsync();
        }

        return WaitAsync(waiter.Task.WaitAsync(cancellationToken));
    }

    private static async ValueTask<RateLimitLease> WaitAsync(Task<Permit> permit) => new PermitLease(await permit);

    [SuppressMessage("Design", "CA1031", Justification = "Whatever happens to the counter, the waiters get an answer.")]
    private async Task LeaseForWaitersAsync()
    {
        while (TakeWaiters() is var (waiters, since, wanted))
        {
            PermitRange leased;
            try
            {
                leased = await LeaseAsync(wanted, options.Timeout - time.GetElapsedTime(since));
            }
            catch (Exception e)
            {
                leased = outage.Failed(e, projectId) ? LeaseLocally() : default;
            }

            Serve(waiters, since, leased);
        }
    }

    private (List<TaskCompletionSource<Permit>> Waiters, long Since, int Wanted)? TakeWaiters()
    {
        lock (_gate)
        {
            if (_waiting.Count == 0)
            {
                _leasing = false;
                return null;
            }

            var waiters = _waiting;
            _waiting = [];
            return (waiters, _oldestWaits, _demand.LeaseSize(waiters.Count, UntilNextSecond(), _horizon));
        }
    }

    private void Serve(List<TaskCompletionSource<Permit>> waiters, long since, PermitRange leased)
    {
        lock (_gate)
        {
            _inHand = leased; // nobody waits while there are others

            // Those who came during the write are served from hand too, as far as it goes.
            _waiting.InsertRange(0, waiters);
            var served = 0;
            while (served < _waiting.Count && TrySpend() is Permit permit)
            {
                _waiting[served++].SetResult(permit);
            }

            // Where its second was over just now, it is leased again; else there is none for those it was leased for.
            if (leased.Count > 0 && leased.Second < Now && time.GetElapsedTime(since) < options.Timeout)
            {
                _oldestWaits = since;
            }
            else
            {
                while (served < waiters.Count)
                {
                    _waiting[served++].SetResult(Decide(granted: false, left: 0));
                }
            }

            _waiting.RemoveRange(0, served);
        }
    }

    /// <returns>The permits that this instance has now: none when there are none left.</returns>
    /// <exception cref="RequestFailedException">The counter does not answer; <see cref="OperationCanceledException"/>: not in time.</exception>
    private async Task<PermitRange> LeaseAsync(int wanted, TimeSpan timeLeft)
    {
        using var timeout = new CancellationTokenSource(timeLeft > TimeSpan.Zero ? timeLeft : TimeSpan.Zero, time);
        var contended = false;
        try
        {
            while (true)
            {
                if (!_loaded)
                {
                    var (window, known) = await store.LoadAsync(projectId, timeout.Token);
                    Know(window, known);
                }

                var now = Now;
                var (next, granted) = _window.Take(now, limit, _had.Take(now, limit, wanted).Granted);
                if (granted == 0)
                {
                    return default;
                }

                // Until the answer is here, what the counter says is unknown: also when this throws.
                _loaded = false;
                if (await store.TrySaveAsync(projectId, next, _etag, timeout.Token) is not ETag etag)
                {
                    contended = true;
                    continue;
                }

                Know(next, etag);

                // Permits die with their second: a write that took until the next one is leased again there.
                now = Now;
                if (next.Second >= now)
                {
                    metrics.PermitsLeased(granted, "counter");
                    _had = _had.Take(now, int.MaxValue, granted).Window;
                    return PermitRange.EndOf(next, granted);
                }
            }
        }
        catch (OperationCanceledException) when (contended)
        {
            // The counter answers, but other instances were faster each time: a local limit would come on top of what they got.
            return default;
        }
        finally
        {
            var (factor, most) = contended ? (2.0, Demand.LongestHorizon) : (0.5, _horizon);
            _horizon = TimeSpan.FromTicks(Math.Clamp((long)(_horizon.Ticks * factor), Demand.ShortestHorizon.Ticks, most.Ticks));
        }
    }

    private void Know(RateWindow window, ETag? etag)
    {
        lock (_gate)
        {
            (_window, _etag, _loaded) = (window, etag, true);
        }

        outage.Answered();
    }

    // All of it at once: until the next second the counter is not waited for again.
    private PermitRange LeaseLocally()
    {
        var share = Math.Max(1, limit / options.ExpectedInstances);
        (_had, var granted) = _had.Take(Now, share, wanted: share);
        metrics.PermitsLeased(granted, "local");
        return PermitRange.EndOf(_had, granted);
    }

    /// <summary>What can be decided at once: a permit from hand, or a refusal when the second is known to be used up.</summary>
    private Permit? TryDecide() =>
        TrySpend() ?? (_window.Second >= Now && _window.Used >= limit ? Decide(granted: false, left: 0) : null);

    private Permit? TrySpend()
    {
        if (_inHand.Second < Now || _inHand.Count == 0)
        {
            return null;
        }

        var number = _inHand.First;
        _inHand = _inHand.WithoutFirst();
        var leftOfWindow = _loaded && _window.Second == _inHand.Second ? Math.Max(0, limit - _window.Used) : 0;
        return Decide(granted: true, _inHand.Count + leftOfWindow, number);
    }

    private Permit Decide(bool granted, int left, int number = 0)
    {
        _ = granted ? _granted++ : _refused++;
        return new(granted, limit, left, UntilNextSecond(), granted ? _inHand.Second : Now, number);
    }

    private TimeSpan UntilNextSecond() => TimeSpan.FromTicks(TimeSpan.TicksPerSecond - (time.GetUtcNow().Ticks % TimeSpan.TicksPerSecond));
}
