using System.Diagnostics;
using Kixo.Local;

namespace Kixo.Benchmarks.Start;

/// <summary>
/// From the start of a process to its first 200 of <c>GET /health/live</c>: the app under the stand-in functions host, as it is built
/// and compiled ahead as it is published, beside an app that has nothing but this endpoint. The app's trigger is off: there is no hub,
/// and what looking for it costs is not the start's.
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
        ["AZURE_FUNCTIONS_ENVIRONMENT"] = "Production", // as on Azure
    };

    private readonly record struct Cost(double WallMs, double ProcessorMs, double Megabytes);

    public static async Task PrintAsync(TextWriter output)
    {
        await output.WriteLineAsync("Publishing the app …");
        var folder = Directory.CreateTempSubdirectory("kixo-start-");
        try
        {
            string[][] programs = [[typeof(BareApp).Assembly.Location, BareApp.Command], [BuildPaths.App], [await PublishAsync(folder.FullName)]];
            var costs = programs.Select(_ => new List<Cost>()).ToArray();
            for (var start = 0; start <= Starts; start++)
            {
                for (var program = 0; program < programs.Length; program++)
                {
                    costs[program].Add(await StartAsync(programs[program]));
                }
            }

            await output.WriteLineAsync($"{"",-14}{"bare",8}{"built",8}{"ratio",8}{"published",12}{"ratio",8}");
            await WriteAsync(output, "wall, ms", costs, cost => cost.WallMs);
            await WriteAsync(output, "processor, ms", costs, cost => cost.ProcessorMs);
            await WriteAsync(output, "memory, MB", costs, cost => cost.Megabytes);
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }

    private static Task WriteAsync(TextWriter output, string name, List<Cost>[] costs, Func<Cost, double> of)
    {
        var medians = Array.ConvertAll(costs, program => program.Skip(1).Select(of).Median()); // the first start reads from the disk
        return output.WriteLineAsync(
            $"{name,-14}{medians[0],8:N0}{medians[1],8:N0}{medians[1] / medians[0],8:N2}{medians[2],12:N0}{medians[2] / medians[0],8:N2}");
    }

    private static async Task<string> PublishAsync(string folder)
    {
        var app = Path.Combine(folder, "app");
        using var publish = Process.Start(Dotnet.Path,
        [
            "publish", BuildPaths.AppProject, "--output", app, "--verbosity", "quiet",
            "-p:StandInFunctions=true", "-p:PublishStandInsToMeasure=true", $"-p:ArtifactsPath={Path.Combine(folder, "build")}",
        ]);
        await publish.WaitForExitAsync();
        return publish.ExitCode == 0
            ? Path.Combine(app, Path.GetFileName(BuildPaths.App))
            : throw new InvalidOperationException("The app could not be published.");
    }

    private static async Task<Cost> StartAsync(string[] program)
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
}
