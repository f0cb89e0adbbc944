namespace Kixo.Tests.Chaos;

/// <summary>Lets things go wrong, one after the other and beside each other, as the seed says.</summary>
internal sealed class Mishaps(ChaosStack stack, Random random)
{
    private static readonly Fault[] Connections = [.. Enum.GetValues<Fault>().Where(fault => fault is not Fault.Hold)];

    private volatile bool _isolated;

    /// <summary>Until the time is over; then everything is up, and no connection is touched any more.</summary>
    public async Task RunAsync(TimeSpan duration)
    {
        var start = TimeProvider.System.GetTimestamp();
        var happening = new List<Task>();
        while (TimeProvider.System.GetElapsedTime(start) < duration)
        {
            if (random.Next(100) < 12)
            {
                // With nothing else broken: the other instance shall have the time to go on where this one was.
                await Task.WhenAll(happening);
                await IsolateAsync(OneOfTheApps(), freeze: random.Next(4) == 0, Between(8, 13));
            }
            else
            {
                happening.Add(Next());
            }

            await Task.Delay(Between(0.2, 2), TimeProvider.System, CancellationToken.None);
        }

        await Task.WhenAll(happening);
    }

    /// <summary>Ends when the damage is repaired.</summary>
    private Task Next() => random.Next(100) switch
    {
        < 10 => OneOfTheApps().App.KillAsync(Between(0, 2)),
        < 17 => stack.Hub.KillAsync(Between(0, 2)),
        < 23 => stack.Storage.KillAsync(Between(0, 3)),
        < 40 => IsolateAsync(OneOfTheApps(), freeze: random.Next(2) == 0, Between(6, 12)),
        _ => StormAsync(OneOfTheApps().Proxies, Connections[random.Next(Connections.Length)], 0.1 + (random.NextDouble() / 2), Between(1, 5)),
    };

    /// <summary>
    /// Longer than the five seconds after which the other instance takes the partitions and goes on with them. Then this one does:
    /// with the writes it was about to make, on what it knew before. One at a time, or there would be no other.
    /// </summary>
    private async Task IsolateAsync(AppLink link, bool freeze, TimeSpan time)
    {
        if (_isolated)
        {
            return;
        }

        _isolated = true;
        await (freeze ? link.App.FreezeAsync(time) : StormAsync([link.Blobs], Fault.Hold, 1, time));
        _isolated = false;
    }

    private static async Task StormAsync(IReadOnlyList<FaultProxy> where, Fault fault, double probability, TimeSpan time)
    {
        foreach (var proxy in where)
        {
            proxy.Weather.Storm(fault, probability);
        }

        await Task.Delay(time, TimeProvider.System, CancellationToken.None);
        foreach (var proxy in where)
        {
            proxy.Weather.Calm(fault);
        }
    }

    private AppLink OneOfTheApps() => stack.Apps[random.Next(stack.Apps.Count)];

    private TimeSpan Between(double least, double most) => TimeSpan.FromSeconds(least + (random.NextDouble() * (most - least)));
}
