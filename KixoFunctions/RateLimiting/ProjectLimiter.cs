using System.Diagnostics.CodeAnalysis;
using Azure;
using Kixo.Telemetry;
using Microsoft.Extensions.Logging;

namespace Kixo.RateLimiting;

/// <summary>
/// One project's permits on this instance. Requests that come while the counter is being written wait together, and the next
/// write leases for all of them. Shared by all requests of the project; <see cref="_gate"/> guards what they share, and only
/// the one running <see cref="LeaseForWaitersAsync"/> touches the counter.
/// </summary>
internal sealed class ProjectLimiter(string projectId, CounterStore store, RateLimitOptions options, TimeProvider time, ILogger log)
{
    private readonly Lock _gate = new();
    private List<TaskCompletionSource<Permit>> _waiting = [];
    private bool _leasing;
    private int _limit;

    // What the counter said last, and under which ETag: usually still true, which saves the read.
    private RateWindow _window;
    private ETag? _etag;
    private bool _loaded;

    // What this instance has given, whoever counted it: a counter that fails and comes back within a second adds no second limit to it.
    private RateWindow _given;

    /// <param name="limit">The project's limit now; it may change from one request to the next.</param>
    /// <param name="cancellationToken">Ends this request's wait; a permit leased for it is lost with its second.</param>
    public Task<Permit> AcquireAsync(int limit, CancellationToken cancellationToken)
    {
        var waiter = new TaskCompletionSource<Permit>(TaskCreationOptions.RunContinuationsAsynchronously);
        bool first;
        lock (_gate)
        {
            _limit = limit;
            if (_window.Second >= RateWindow.SecondOf(time.GetUtcNow()) && _window.Used >= limit)
            {
                return Task.FromResult(Decide(granted: false, limit, left: 0));
            }

            _waiting.Add(waiter);
            (first, _leasing) = (!_leasing, true);
        }

        if (first)
        {
            _ = LeaseForWaitersAsync();
        }

        return waiter.Task.WaitAsync(cancellationToken);
    }

    [SuppressMessage("Design", "CA1031", Justification = "Whatever happens to the counter, the waiters get an answer.")]
    private async Task LeaseForWaitersAsync()
    {
        while (TakeWaiters() is { } waiters)
        {
            int granted, left;
            try
            {
                (granted, left) = await LeaseAsync(waiters.Count);
            }
            catch (Exception e)
            {
                log.CounterUnavailable(e, projectId);
                (granted, left) = LeaseLocally(waiters.Count);
            }

            for (var i = 0; i < waiters.Count; i++)
            {
                // The first granted get 'left' plus those granted behind them, so that what a client reads counts down.
                waiters[i].SetResult(Decide(i < granted, _limit, i < granted ? left + granted - 1 - i : left));
            }
        }
    }

    private List<TaskCompletionSource<Permit>>? TakeWaiters()
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
            return waiters;
        }
    }

    private async Task<(int Granted, int Left)> LeaseAsync(int wanted)
    {
        using var timeout = new CancellationTokenSource(options.Timeout, time);
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

                var now = RateWindow.SecondOf(time.GetUtcNow());
                var (next, granted) = _window.Take(now, _limit, _given.Take(now, _limit, wanted).Granted);
                if (granted == 0)
                {
                    return (0, 0);
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
                now = RateWindow.SecondOf(time.GetUtcNow());
                if (next.Second >= now)
                {
                    _given = _given.Take(now, int.MaxValue, granted).Window;
                    return (granted, _limit - next.Used);
                }
            }
        }
        catch (OperationCanceledException) when (contended)
        {
            // The counter answers, but other instances were faster each time: a local limit would come on top of what they got.
            return (0, 0);
        }
    }

    private void Know(RateWindow window, ETag? etag)
    {
        lock (_gate)
        {
            (_window, _etag, _loaded) = (window, etag, true);
        }
    }

    private (int Granted, int Left) LeaseLocally(int wanted)
    {
        var share = Math.Max(1, _limit / options.ExpectedInstances);
        (_given, var granted) = _given.Take(RateWindow.SecondOf(time.GetUtcNow()), share, wanted);
        return (granted, Math.Max(0, share - _given.Used));
    }

    private Permit Decide(bool granted, int limit, int left)
    {
        var now = time.GetUtcNow();
        var untilNext = TimeSpan.FromTicks(TimeSpan.TicksPerSecond - (now.Ticks % TimeSpan.TicksPerSecond));
        return new(granted, limit, left, untilNext);
    }
}
