using Microsoft.Azure.Functions.Worker.Hosting;

namespace Microsoft.Azure.Functions.Worker.EventHubs;

/// <summary>
/// Shares the partitions of a hub with the other instances and runs a pump for each one it owns. Hub or storage away: the
/// pumps it has go on by themselves, and it keeps trying.
/// </summary>
internal sealed class EventHubListener(EventHubTrigger trigger, IOwnershipStore ownerships) : IDisposable
{
    private static readonly RetryPolicy BackOff = new(-1, TimeSpan.FromSeconds(1), TimeSpan.FromSeconds(15));

    // Together less than the host's 30 s of shutdown.
    private static readonly TimeSpan InvocationGrace = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan InvocationLimit = TimeSpan.FromSeconds(20);
    private static readonly TimeSpan ReleaseLimit = TimeSpan.FromSeconds(4);

    private readonly string _ownerId = Guid.NewGuid().ToString();
    private readonly Dictionary<string, PartitionPump> _pumps = [];
    private readonly Outage _outage = new($"{trigger.Function.Name}: sharing the partitions of {trigger.Source.EventHubName}", trigger.Time, trigger.Logger);
    private string[]? _partitionIds;

    /// <summary>Until stopped; then gives everything back.</summary>
    public async Task RunAsync(CancellationToken stopping)
    {
        for (var failures = 0; !stopping.IsCancellationRequested;)
        {
            var wait = trigger.Options.LoadBalancingUpdateInterval;
            try
            {
                await BalanceAsync(stopping);
                failures = 0;
                _outage.Over();
            }
            catch (OperationCanceledException) when (stopping.IsCancellationRequested)
            {
            }
            catch (Exception exception)
            {
                _outage.Report(exception);
                var backOff = BackOff.DelayAfter(++failures)!.Value;
                wait = backOff < wait ? backOff : wait;
            }

            await Task.Delay(wait, trigger.Time, stopping).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }

        await StopPumpsAsync();
        await ReleaseAsync();
    }

    public void Dispose()
    {
        foreach (var pump in _pumps.Values)
        {
            pump.Dispose();
        }
    }

    private async Task BalanceAsync(CancellationToken cancellationToken)
    {
        // 1. What is there, and who has it.
        _partitionIds ??= await ReadPartitionIdsAsync(cancellationToken);
        var seen = await ownerships.ListAsync(cancellationToken);

        // 2. Renew what is ours and claim our fair share; what another instance was faster with is not ours.
        var owned = new HashSet<string>();
        foreach (var claim in FairShare.Claims(_partitionIds, seen, _ownerId, trigger.Time.GetUtcNow(), trigger.Options.PartitionOwnershipExpirationInterval))
        {
            if (await ownerships.TryChangeAsync(claim, _ownerId, cancellationToken))
            {
                owned.Add(claim.PartitionId);
            }
        }

        // 3. A pump for each, and none for others. One that is still ending comes first: never two for a partition.
        foreach (var pump in _pumps.Values.ToArray())
        {
            if (pump.Completion.IsCompleted)
            {
                _pumps.Remove(pump.PartitionId);
                pump.Dispose();
            }
            else if (!owned.Contains(pump.PartitionId))
            {
                pump.Yield();
            }
        }

        foreach (var partitionId in owned)
        {
            if (!_pumps.ContainsKey(partitionId))
            {
                _pumps.Add(partitionId, new PartitionPump(trigger, partitionId));
            }
        }
    }

    private async Task<string[]> ReadPartitionIdsAsync(CancellationToken cancellationToken)
    {
        await using var consumer = trigger.Source.CreateConsumer();
        return await consumer.GetPartitionIdsAsync(cancellationToken);
    }

    private async Task StopPumpsAsync()
    {
        foreach (var pump in _pumps.Values)
        {
            pump.Stop(InvocationGrace);
        }

        try
        {
            await Task.WhenAll(_pumps.Values.Select(pump => pump.Completion)).WaitAsync(InvocationLimit, trigger.Time);
        }
        catch (TimeoutException)
        {
            Log.InvocationsLeft(trigger.Logger, trigger.Function.Name);
        }
    }

    /// <summary>So that the next start, or another instance, has them at once.</summary>
    private async Task ReleaseAsync()
    {
        try
        {
            using var limit = new CancellationTokenSource(ReleaseLimit, trigger.Time);
            foreach (var ownership in await ownerships.ListAsync(limit.Token))
            {
                if (ownership.OwnerId == _ownerId)
                {
                    await ownerships.TryChangeAsync(ownership, "", limit.Token);
                }
            }
        }
        catch (Exception exception)
        {
            Log.ReleaseFailed(trigger.Logger, trigger.Function.Name, exception.Message);
        }
    }
}
