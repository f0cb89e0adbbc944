namespace Kixo.Tests.Chaos;

/// <summary>Clients of several projects that post continuously.</summary>
internal sealed class Load : IDisposable
{
    private const int Projects = 6;
    private const int Clients = 24;

    private readonly CancellationTokenSource _stopping = new();
    private Task _running = Task.CompletedTask;

    public Ledger Ledger { get; } = new();

    public static async Task<Load> StartAsync(ChaosStack stack, Random random)
    {
        var addresses = stack.Apps.Select(app => new Uri($"http://127.0.0.1:{app.Front.Port}/v1/batch")).ToList();
        var projects = new List<(string Id, string Key)>();
        foreach (var id in Enumerable.Range(0, Projects).Select(n => $"project{n}"))
        {
            projects.Add((id, await stack.CreateProjectAsync(id)));
        }

        var load = new Load();
        load._running = Task.WhenAll(Enumerable.Range(0, Clients).Select(async n =>
        {
            var (project, key) = projects[n % Projects];
            using var client = new Client($"chaos-client-{n}", project, key, addresses, new Random(random.Next()), load.Ledger);
            await client.RunAsync(load._stopping.Token);
        }).ToList());
        return load;
    }

    /// <summary>Begins no more batches, and waits until those at hand are acknowledged or given up.</summary>
    public async Task StopAsync()
    {
        await _stopping.CancelAsync();
        await _running.WaitAsync(ChaosOptions.Patience, TimeProvider.System);
    }

    public void Dispose() => _stopping.Dispose();
}
