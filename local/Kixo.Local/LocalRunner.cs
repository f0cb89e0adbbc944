using Spectre.Console;

namespace Kixo.Local;

/// <summary>A local run from start to stop, for the person who watches it.</summary>
internal sealed class LocalRunner(IAnsiConsole console, TimeProvider time)
{
    /// <param name="cancellationToken">Ctrl+C or SIGTERM: stops all parts.</param>
    /// <returns>The exit code: 0 after a stop that was asked for.</returns>
    public async Task<int> RunAsync(LocalOptions options, CancellationToken cancellationToken)
    {
        try
        {
            if (options.Reset)
            {
                Reset(options.DataFolder);
            }

            var start = time.GetTimestamp();
            int exitCode;
            await using (var stack = await LocalStack.StartAsync(options, console.WriteLine, time, cancellationToken))
            {
                Introduce(stack, options, time.GetElapsedTime(start));
                exitCode = await WatchAsync(stack, cancellationToken);
            }

            console.WriteLine("Everything is stopped.");
            return exitCode;
        }
        catch (Exception e) when (e is LocalException or IOException or UnauthorizedAccessException)
        {
            console.WriteLine(e.Message, new Style(Color.Red));
            return 1;
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            console.WriteLine("Everything is stopped.");
            return 0;
        }
    }

    private async Task<int> WatchAsync(LocalStack stack, CancellationToken cancellationToken)
    {
        using var ended = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        var status = stack.Apps.Count == 0
            ? Task.Delay(Timeout.InfiniteTimeSpan, time, ended.Token)
            : StatusLine.ShowAsync(stack.Apps, console, time, ended.Token);
        var died = stack.PartDiedAsync();
        await Task.WhenAny(status, died);
        var asked = cancellationToken.IsCancellationRequested;
        await ended.CancelAsync();
        await status.ContinueWith(_ => { }, CancellationToken.None, TaskContinuationOptions.None, TaskScheduler.Default);
        if (asked)
        {
            console.WriteLine("Stopping …");
            return 0;
        }

        var part = await died;
        console.WriteLine(
            $"{part.Name} has ended, so everything else is stopped. Its last words are below; start again with the same command, and nothing that was acknowledged is lost.",
            new Style(Color.Red));
        console.WriteLine(part.LastLines);
        return 1;
    }

    private void Introduce(LocalStack stack, LocalOptions options, TimeSpan elapsed)
    {
        console.WriteLine(FormattableString.Invariant($"Ready after {elapsed.TotalSeconds:0.0} s. Data and logs: {Path.GetFullPath(options.DataFolder)}"));
        console.WriteLine();
        foreach (var (i, app) in stack.Apps.Index())
        {
            console.WriteLine(i == 0 ? $"  app        {app.Url}  (POST /v1/batch, GET /health/ready)" : $"             {app.Url}");
        }

        console.WriteLine($"  live page  {stack.LiveUrl}");
        console.WriteLine($"  storage    {stack.StorageAddresses}");
        console.WriteLine($"  event hub  {stack.EventHubAddress}");
        console.WriteLine($"  project    {Provisioning.ProjectId} with key {Provisioning.ApiKey}");
        console.WriteLine($"  (connection strings: {Path.Combine(options.DataFolder, "local.json")})");
        if (stack.Apps.Count > 0)
        {
            console.WriteLine();
            console.WriteLine("Send an event, and read it back:");
            console.WriteLine();
            console.Profile.Out.Writer.WriteLine(Example(options.Port)); // as it is, to be pasted: the console would wrap it
        }

        console.WriteLine();
        console.WriteLine("Ctrl+C stops all of it.");
    }

    private static string Example(int port) =>
        $$"""
        curl -X POST http://localhost:{{port}}/v1/batch -H "Content-Type: application/json" -d '{
          "project_id": "{{Provisioning.ProjectId}}", "api_key": "{{Provisioning.ApiKey}}",
          "bundle_id": "com.example.app", "platform": "web",
          "batch": [{ "event_type": "page_view", "event_name": "/pricing", "device_id": "d_001", "session_id": "s_001",
                      "timestamp": "2026-04-08T12:00:00Z", "properties": { "referrer": "https://google.com" } }]
        }'

        dotnet run --project Kixo.Cli -- events --project {{Provisioning.ProjectId}}
        """;

    /// <exception cref="LocalException">The folder holds something else, or is in use.</exception>
    private static void Reset(string folder)
    {
        if (!Directory.Exists(folder))
        {
            return;
        }

        string[] own = ["azurite", "eventhubs", "logs", "local.json"];
        var foreign = Directory.EnumerateFileSystemEntries(folder).Select(Path.GetFileName).FirstOrDefault(name => !own.Contains(name));
        if (foreign is not null)
        {
            throw new LocalException($"{folder} holds '{foreign}', which no local run has put there, so --reset does not empty it.");
        }

        try
        {
            Directory.Delete(folder, recursive: true);
        }
        catch (IOException e)
        {
            throw new LocalException($"{folder} cannot be emptied, perhaps since another local run uses it: {e.Message}");
        }
    }
}
