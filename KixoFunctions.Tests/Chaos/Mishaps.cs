namespace Kixo.Tests.Chaos;

/// <summary>Lets things go wrong, one after the other and beside each other, as the seed says.</summary>
internal sealed class Mishaps(ChaosStack stack, Random random)
{
    private static readonly Fault[] Faults = Enum.GetValues<Fault>();

    /// <summary>Until the time is over; then everything is up, and no connection is touched any more.</summary>
    public async Task RunAsync(TimeSpan duration)
    {
        var start = TimeProvider.System.GetTimestamp();
        var happening = new List<Task>();
        while (TimeProvider.System.GetElapsedTime(start) < duration)
        {
            happening.Add(Next());
            await Task.Delay(Between(0.2, 1.6), TimeProvider.System, CancellationToken.None);
        }

        await Task.WhenAll(happening);
    }

    /// <summary>Ends when the damage is repaired.</summary>
    private Task Next() => random.Next(100) switch
    {
        < 12 => OneOfTheApps().App.KillAsync(Between(0, 2)),
        < 20 => stack.Hub.KillAsync(Between(0, 2)),
        < 28 => stack.Storage.KillAsync(Between(0, 3)),

        // Past the five seconds after which the other instance takes its partitions: it wakes up in the middle of a write.
        < 40 => OneOfTheApps().App.FreezeAsync(Between(5.5, 9)),
        < 60 => StormAsync([OneOfTheApps().Blobs], Fault.Hold, 0.8, Between(1, 4)),
        _ => StormAsync(OneOfTheApps().Proxies, Faults[random.Next(Faults.Length)], 0.1 + (random.NextDouble() / 2), Between(1, 5)),
    };

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
