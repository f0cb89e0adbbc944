using System.Net;
using System.Net.ServerSentEvents;
using System.Runtime.CompilerServices;

namespace Kixo.Local;

/// <summary>The app under the stand-in functions host, as a process.</summary>
internal sealed class AppProcess : IAsyncDisposable
{
    private static readonly TimeSpan StartTimeout = TimeSpan.FromSeconds(60);

    private readonly ChildProcess _process;
    private readonly HttpClient _client;

    private AppProcess(ChildProcess process, string url)
    {
        _process = process;
        Url = url;
        _client = new HttpClient { BaseAddress = new Uri(url), Timeout = TimeSpan.FromSeconds(5) };
    }

    /// <summary>Where it answers, without a closing slash.</summary>
    public string Url { get; }

    public ChildProcess Process => _process;

    /// <param name="port">Where it listens on 127.0.0.1.</param>
    /// <param name="storage">Connection string of tables, blobs and checkpoints.</param>
    /// <param name="eventHub">Connection string of the hub.</param>
    /// <param name="logFile">Where its output goes.</param>
    /// <param name="settings">More settings, such as <c>Kixo__RateLimiting__RequestsPerSecond</c>.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <returns>The app, ready: <c>GET /health/ready</c> has answered 200.</returns>
    /// <exception cref="LocalException">It does not start.</exception>
    public static async Task<AppProcess> StartAsync(
        int port, string storage, string eventHub, string logFile, IReadOnlyDictionary<string, string>? settings, CancellationToken cancellationToken)
    {
        if (!File.Exists(BuildPaths.App))
        {
            throw new LocalException($"The app is not built: {BuildPaths.App} is missing. Run 'dotnet build' at the root.");
        }

        var url = $"http://127.0.0.1:{port}";
        var environment = new Dictionary<string, string>
        {
            ["ASPNETCORE_URLS"] = url,
            ["Storage"] = storage,
            ["AzureWebJobsStorage"] = storage,
            ["EventHub"] = eventHub,
            ["KIXO_STANDIN_STOP_WITH_STDIN"] = "true",

            // After a kill the next start takes the partitions over at once, not after the two minutes that suit a fleet.
            ["AzureFunctionsJobHost__extensions__eventHubs__loadBalancingUpdateInterval"] = "00:00:01",
            ["AzureFunctionsJobHost__extensions__eventHubs__partitionOwnershipExpirationInterval"] = "00:00:05",

            // Nobody pays for writes here, and somebody waits for the event.
            ["AzureFunctionsJobHost__extensions__eventHubs__minEventBatchSize"] = "1",

            // On a busy machine Azurite takes longer than Table Storage does: a first batch should not be refused for that.
            ["Kixo__RateLimiting__Timeout"] = "00:00:03",
        };
        foreach (var (name, value) in settings ?? new Dictionary<string, string>())
        {
            environment[name] = value;
        }

        var app = new AppProcess(ChildProcess.Start($"The app on port {port}", Dotnet.Path, logFile, [BuildPaths.App], environment), url);
        try
        {
            await Wait.UntilAsync(app._process.Name, app._process, StartTimeout, app.IsReadyAsync, cancellationToken);
            return app;
        }
        catch
        {
            await app.DisposeAsync();
            throw;
        }
    }

    /// <summary>Counters of the app since it started, by name and tags.</summary>
    public Task<string> CountersAsync(CancellationToken cancellationToken) => _client.GetStringAsync("/admin/host/counters", cancellationToken);

    /// <summary>Its answers from now on, each as JSON: see <c>HttpAnswer</c> of the stand-in host.</summary>
    public async IAsyncEnumerable<string> AnswersAsync([EnumeratorCancellation] CancellationToken cancellationToken)
    {
        using var client = new HttpClient { Timeout = Timeout.InfiniteTimeSpan }; // the response begins with the first answer
        await using var stream = await client.GetStreamAsync(new Uri(_client.BaseAddress!, "/admin/host/answers"), cancellationToken);
        await foreach (var answer in SseParser.Create(stream).EnumerateAsync(cancellationToken))
        {
            yield return answer.Data;
        }
    }

    public async ValueTask DisposeAsync()
    {
        await _process.DisposeAsync();
        _client.Dispose();
    }

    private async Task<bool> IsReadyAsync(CancellationToken cancellationToken)
    {
        using var answer = await _client.GetAsync("/health/ready", cancellationToken);
        return answer.StatusCode == HttpStatusCode.OK;
    }
}
