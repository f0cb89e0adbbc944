using System.Diagnostics;
using Kixo.Local;

namespace Kixo.Benchmarks.Start;

/// <summary>
/// From the start of a process to its first 200 of <c>GET /health/live</c>: the built app under the stand-in functions host beside an
/// app that has nothing but this endpoint. The app's trigger is off: there is no hub, and what looking for it costs is not the start's.
/// </summary>
internal static class StartComparison
{
    private const int Starts = 10;

    private const string Storage =
        "AccountName=local;AccountKey=bG9jYWw=;BlobEndpoint=http://127.0.0.1:1/local;QueueEndpoint=http://127.0.0.1:1/local;TableEndpoint=http://127.0.0.1:1/local";

    private static readonly TimeSpan Interval = TimeSpan.FromMilliseconds(5);
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(1);

    private static readonly Dictionary<string, string> Settings = new()
    {
        ["Storage"] = Storage,
        ["AzureWebJobsStorage"] = Storage,
        ["EventHub"] = "Endpoint=sb://127.0.0.1;SharedAccessKeyName=local;SharedAccessKey=local;UseDevelopmentEmulator=true",
        ["AzureWebJobs__PersistEvents__Disabled"] = "true",
    };

    private readonly record struct Cost(double WallMs, double ProcessorMs, double Megabytes);

    public static async Task PrintAsync(TextWriter output)
    {
        var (bare, app) = (new List<Cost>(), new List<Cost>());
        for (var start = 0; start <= Starts; start++)
        {
            bare.Add(await StartAsync(typeof(BareApp).Assembly.Location, BareApp.Command));
            app.Add(await StartAsync(BuildPaths.App));
        }

        await output.WriteLineAsync($"{"",-14}{"bare",8}{"app",8}{"ratio",8}");
        await WriteAsync("wall, ms", cost => cost.WallMs);
        await WriteAsync("processor, ms", cost => cost.ProcessorMs);
        await WriteAsync("memory, MB", cost => cost.Megabytes);

        Task WriteAsync(string name, Func<Cost, double> of)
        {
            var (b, a) = (Median(bare.Skip(1).Select(of)), Median(app.Skip(1).Select(of))); // the first start reads from the disk
            return output.WriteLineAsync($"{name,-14}{b,8:N0}{a,8:N0}{a / b,8:N2}");
        }
    }

    private static async Task<Cost> StartAsync(params string[] program)
    {
        var url = $"http://127.0.0.1:{Ports.Free()}";
        var info = new ProcessStartInfo(Dotnet.Path, program) { RedirectStandardOutput = true, RedirectStandardError = true };
        foreach (var (name, value) in Settings)
        {
            info.Environment[name] = value;
        }

        info.Environment["ASPNETCORE_URLS"] = url;
        using var client = new HttpClient { BaseAddress = new Uri(url) };
        var start = TimeProvider.System.GetTimestamp();
        using var process = Process.Start(info)!;
        process.BeginOutputReadLine();
        process.BeginErrorReadLine();
        try
        {
            while (!await IsLiveAsync(client))
            {
                if (process.HasExited || TimeProvider.System.GetElapsedTime(start) > Patience)
                {
                    throw new InvalidOperationException($"{string.Join(' ', program)} does not answer.");
                }

                await Task.Delay(Interval, TimeProvider.System);
            }

            var wall = TimeProvider.System.GetElapsedTime(start);
            process.Refresh();
            return new(wall.TotalMilliseconds, process.TotalProcessorTime.TotalMilliseconds, process.WorkingSet64 / 1e6);
        }
        finally
        {
            process.Kill();
            await process.WaitForExitAsync();
        }
    }

    private static async Task<bool> IsLiveAsync(HttpClient client)
    {
        try
        {
            using var answer = await client.GetAsync(new Uri("/health/live", UriKind.Relative));
            return answer.IsSuccessStatusCode;
        }
        catch (HttpRequestException)
        {
            return false;
        }
    }

    private static double Median(IEnumerable<double> values)
    {
        var sorted = values.Order().ToList();
        return (sorted[(sorted.Count - 1) / 2] + sorted[sorted.Count / 2]) / 2;
    }
}
