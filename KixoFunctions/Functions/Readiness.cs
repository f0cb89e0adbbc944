using Kixo.Keys;
using Kixo.Persistence;
using Kixo.Publishing;
using Kixo.Telemetry;
using Microsoft.Extensions.Logging;

namespace Kixo.Functions;

/// <summary>Asks each dependency whether it answers; an answer counts for a few seconds, so that asking often costs nothing.</summary>
internal sealed class Readiness(KeyStore keys, EventLake lake, ChunkPublisher publisher, TimeProvider time, ILogger<Readiness> log)
{
    private static readonly TimeSpan Lately = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan Timeout = TimeSpan.FromSeconds(3);

    private readonly Check[] _checks =
    [
        new("table_storage", keys.PingAsync),
        new("blob_storage", lake.PingAsync),
        new("event_hubs", publisher.PingAsync),
    ];

    public async Task<IReadOnlyList<(string Dependency, bool Answered)>> CheckAsync(CancellationToken cancellationToken) =>
        await Task.WhenAll(_checks.Select(check => StateAsync(check, cancellationToken)));

    private async Task<(string, bool)> StateAsync(Check check, CancellationToken cancellationToken)
    {
        if (check.AnsweredAt is long answeredAt && time.GetElapsedTime(answeredAt) < Lately)
        {
            return (check.Dependency, true);
        }

        using var timeout = new CancellationTokenSource(Timeout, time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(timeout.Token, cancellationToken);
        try
        {
            await check.PingAsync(either.Token).WaitAsync(either.Token);
            check.AnsweredAt = time.GetTimestamp();
            return (check.Dependency, true);
        }
        catch (Exception e) when (!cancellationToken.IsCancellationRequested)
        {
            log.NotReady(e, check.Dependency);
            return (check.Dependency, false);
        }
    }

    private sealed class Check(string dependency, Func<CancellationToken, Task> ping)
    {
        public string Dependency => dependency;

        public Func<CancellationToken, Task> PingAsync => ping;

        /// <summary>A timestamp of the clock; null as long as there was no answer.</summary>
        public long? AnsweredAt { get; set; }
    }
}
