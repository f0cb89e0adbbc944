namespace Kixo.Benchmarks.Http;

/// <summary>Requests a second of the app beside those of a bare endpoint on the same Kestrel, clients in the same process; and what each request allocates.</summary>
internal static class HttpComparison
{
    private const int Connections = 4;
    private const int Rounds = 5;

    private static readonly TimeSpan Round = TimeSpan.FromSeconds(2);

    public static async Task PrintAsync(TextWriter output)
    {
        await output.WriteLineAsync($"{"events",8}{"bare/s",10}{"app/s",10}{"ratio",8}{"of CPU",8}{"events/s",12}{"bytes a request",18}");
        foreach (var events in new[] { 10, 100, 1_000 })
        {
            await using var bareServer = await Server.StartBareAsync();
            await using var appServer = await Server.StartAppAsync();
            var body = Sample.Body(events);
            var rounds = Enumerable.Range(0, Rounds + 1)
                .Select(_ => (Bare: Run(bareServer, body), App: Run(appServer, body)))
                .Skip(1) // warms up
                .ToList();
            var bare = rounds.Select(round => round.Bare.PerSecond).Median();
            var app = rounds.Select(round => round.App.PerSecond).Median();
            var cpuRatio = rounds.Select(round => round.Bare.Cpu.TotalMicroseconds).Median() / rounds.Select(round => round.App.Cpu.TotalMicroseconds).Median();
            await output.WriteLineAsync(
                $"{events,8:N0}{bare,10:N0}{app,10:N0}{app / bare,8:N2}{cpuRatio,8:N2}{app * events,12:N0}{AllocatedPerRequest(appServer, body),18:N0}");
        }
    }

    /// <summary>Bytes that the whole process allocates for a request, when many follow one another.</summary>
    public static long AllocatedPerRequest(Server server, byte[] body, int requests = 500)
    {
        using var client = new Client(server.Port, body);
        for (var i = 0; i < requests; i++)
        {
            client.Post();
        }

        var before = GC.GetTotalAllocatedBytes(precise: true);
        for (var i = 0; i < requests; i++)
        {
            client.Post();
        }

        return (GC.GetTotalAllocatedBytes(precise: true) - before) / requests;
    }

    /// <returns>Requests a second, and the processor time of one, both sides together.</returns>
    private static (double PerSecond, TimeSpan Cpu) Run(Server server, byte[] body)
    {
        var (start, cpu) = (TimeProvider.System.GetTimestamp(), Environment.CpuUsage.TotalTime);
        var requests = 0;
        var threads = Enumerable.Range(0, Connections).Select(_ => new Thread(() =>
        {
            using var client = new Client(server.Port, body);
            while (TimeProvider.System.GetElapsedTime(start) < Round)
            {
                client.Post();
                Interlocked.Increment(ref requests);
            }
        })).ToList();
        threads.ForEach(thread => thread.Start());
        threads.ForEach(thread => thread.Join());
        return (requests / TimeProvider.System.GetElapsedTime(start).TotalSeconds, (Environment.CpuUsage.TotalTime - cpu) / requests);
    }
}
