using Kixo.Keys;
using Kixo.Persistence;
using Kixo.Publishing;
using Kixo.Telemetry;
using Microsoft.Extensions.Logging;

namespace Kixo.Functions;

/// <summary>Asks each dependency whether it answers; what came of it counts for a while, so that asking often costs nothing.</summary>
internal sealed class Readiness(KeyStore keys, EventLake lake, ChunkPublisher publisher, TimeProvider time, ILogger<Readiness> log)
{
    private static readonly TimeSpan AnswerCounts = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan FailureCounts = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan Timeout = TimeSpan.FromSeconds(3);

    private readonly Check[] _checks =
    [
        new("table_storage", keys.PingAsync, time),
        new("blob_storage", lake.PingAsync, time),
        new("event_hubs", publisher.PingAsync, time),
    ];

    public async Task<IReadOnlyList<(string Dependency, bool Answered)>> CheckAsync(CancellationToken cancellationToken) =>
        await Task.WhenAll(_checks.Select(check => StateAsync(check, cancellationToken)));

    private async Task<(string, bool)> StateAsync(Check check, CancellationToken cancellationToken)
    {
        if (check.Last is var (answered, at) && time.GetElapsedTime(at) < (answered ? AnswerCounts : FailureCounts))
        {
            return (check.Dependency, answered);
        }

        using var timeout = new CancellationTokenSource(Timeout, time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(timeout.Token, cancellationToken);
        try
        {
            await check.PingAsync(either.Token).WaitAsync(either.Token);
            check.Last = (true, time.GetTimestamp());
            return (check.Dependency, true);
        }
        catch (Exception e) when (!cancellationToken.IsCancellationRequested)
        {
            check.Last = (false, time.GetTimestamp());
            if (check.Logging.IsDue())
            {
                log.NotReady(e, check.Dependency);
            }

            return (check.Dependency, false);
        }
    }

    private sealed class Check(string dependency, Func<CancellationToken, Task> ping, TimeProvider time)
    {
        public string Dependency => dependency;

        public Func<CancellationToken, Task> PingAsync => ping;

        public OncePerMinute Logging { get; } = new(time);

        /// <summary>Whether it answered, and a timestamp of the clock; null before the first time.</summary>
        public (bool Answered, long At)? Last { get; set; }
    }
}
