using System.Collections.Concurrent;
using System.Net;
using System.Net.Http.Headers;
using System.Text;
using System.Text.Json;
using Kixo.Cli.Keys;
using Kixo.Cli.Projects;
using Kixo.Keys;
using Kixo.Local;
using Kixo.Tests.Support;
using Xunit.Abstractions;

namespace Kixo.Tests.EndToEnd;

/// <summary>
/// The limit of a project that sends three times as much as it may, over processes of the app that share nothing but the counter
/// in Table Storage. Runs alone: it is about what the machine can do.
/// </summary>
/// <remarks>
/// What is claimed, and why nothing stronger, is said at <see cref="LetIn"/>. Counts by the second of <c>received_at</c> alone
/// are printed only: a permit of a second's last moment can be received in the next, so that one second has too many and one
/// before it too few.
/// </remarks>
[Collection(nameof(RunsAlone))]
public sealed class RateLimitTests(TestStack stack, ITestOutputHelper output) : IClassFixture<TestStack>, IAsyncLifetime
{
    private const int Limit = 100;
    private const int Demand = 300;
    private const int WarmUps = 20;

    private readonly TestFolder _folder = new();
    private readonly ConcurrentQueue<AppProcess> _started = new();
    private readonly HttpClient _client = new();

    public Task InitializeAsync() => Task.CompletedTask;

    public async Task DisposeAsync()
    {
        await Task.WhenAll(_started.Select(app => app.DisposeAsync().AsTask()));
        _client.Dispose();
        _folder.Dispose();
    }

    [Theory]
    [InlineData(1, 10)]
    [InlineData(8, 30)]
    public async Task No_second_grants_more_than_the_limit_and_little_of_it_is_lost(int instances, int seconds)
    {
        var (project, key) = await CreateProjectAsync();
        await stack.KillAppAsync(); // it stores what it finds in the hub, and shall do so afterwards
        var apps = await StartAppsAsync(instances);
        var warmedUp = await WarmUpAsync(apps, project, key);

        var posts = await PostAsync(apps, project, key, seconds);

        var failures = await CounterFailuresAsync(apps);
        await stack.StartAppAsync();
        var accepted = posts.Where(post => post.Status == HttpStatusCode.OK).ToList();
        var letIn = LetIn.Of(accepted.Select(post => (post.Id, post.Sent)), await stack.StoredAsync(project, accepted.Count + warmedUp));
        Print(posts, letIn, seconds, failures);

        Assert.All(posts, post => Assert.Contains(post.Status, (HttpStatusCode[])[HttpStatusCode.OK, HttpStatusCode.TooManyRequests]));
        Assert.Empty(LetIn.IntervalsAbove(Limit, letIn));

        Assert.InRange(letIn.Count, 0.9 * Limit * seconds, double.MaxValue);
    }

    private async Task<(string Project, string Key)> CreateProjectAsync()
    {
        var project = $"p_{Guid.NewGuid():N}";
        var projects = new ProjectAdmin(stack.Tables, TimeProvider.System);
        await projects.CreateAsync(project, null, CancellationToken.None);
        await projects.SetLimitAsync(project, Limit, CancellationToken.None);
        return (project, await new KeyAdmin(stack.Tables, TimeProvider.System).CreateAsync(project, new ApiKeyEntity(), null, CancellationToken.None));
    }

    private Task<AppProcess[]> StartAppsAsync(int instances)
    {
        var settings = new Dictionary<string, string>
        {
            // Storing events is no part of this, and would take the processor from what is.
            ["AzureWebJobs__PersistEvents__Disabled"] = "true",

            // A machine that is busy with other things can keep the counter from answering for seconds: no local limits here.
            ["Kixo__RateLimiting__OutageAfter"] = "00:01:00",
        };
        return Task.WhenAll(Enumerable.Range(0, instances).Select(async i =>
        {
            var app = await AppProcess.StartAsync(
                Ports.Free(), stack.Storage, stack.EventHub, _folder.Sub($"app-{i}.log"), settings, CancellationToken.None);
            _started.Enqueue(app);
            return app;
        }));
    }

    /// <summary>Has every instance compile its code and look the key up, and waits for a second that none of this touches.</summary>
    /// <returns>How many requests were let in.</returns>
    private async Task<int> WarmUpAsync(AppProcess[] apps, string project, string key)
    {
        var letIn = await Task.WhenAll(apps.Select(async (app, i) =>
        {
            var accepted = 0;
            for (var n = 0; n < WarmUps; n++)
            {
                accepted += (await PostAsync(app, project, key, $"w{i}-{n}")).Status == HttpStatusCode.OK ? 1 : 0;
            }

            return accepted;
        }));
        var now = TimeProvider.System.GetUtcNow();
        await Task.Delay(TimeSpan.FromTicks((2 * TimeSpan.TicksPerSecond) - (now.Ticks % TimeSpan.TicksPerSecond)), TimeProvider.System, CancellationToken.None);
        return letIn.Sum();
    }

    /// <summary>Sends when it is time to, whatever has become of what was sent before.</summary>
    private async Task<Post[]> PostAsync(AppProcess[] apps, string project, string key, int seconds)
    {
        var start = TimeProvider.System.GetTimestamp();
        var posts = new List<Task<Post>>();
        while (posts.Count < seconds * Demand)
        {
            var due = Math.Min(seconds, TimeProvider.System.GetElapsedTime(start).TotalSeconds) * Demand;
            while (posts.Count < due)
            {
                posts.Add(PostAsync(apps[posts.Count % apps.Length], project, key, $"r{posts.Count}"));
            }

            await Task.Delay(TimeSpan.FromMilliseconds(5), TimeProvider.System, CancellationToken.None);
        }

        return await Task.WhenAll(posts);
    }

    private async Task<Post> PostAsync(AppProcess app, string project, string key, string eventId)
    {
        var content = new ByteArrayContent(Encoding.UTF8.GetBytes(
            $$"""
            {"project_id":"{{project}}","api_key":"{{key}}","bundle_id":"com.example.app","platform":"web",
             "batch":[{"event_type":"tap","event_name":"buy","device_id":"device_001","session_id":"s","timestamp":"2026-04-08T12:00:00Z","event_id":"{{eventId}}"}]}
            """));
        content.Headers.ContentType = new MediaTypeHeaderValue("application/json");
        var sent = TimeProvider.System.GetUtcNow();
        using var answer = await _client.PostAsync(new Uri($"{app.Url}/v1/batch"), content);
        return new(eventId, sent, answer.StatusCode, TimeProvider.System.GetUtcNow() - sent);
    }

    /// <summary>How often the counter had not answered in time. After a second of nothing else the instances limit by themselves, which adds up to more.</summary>
    private static async Task<long> CounterFailuresAsync(AppProcess[] apps)
    {
        var counters = await Task.WhenAll(apps.Select(app => app.CountersAsync(CancellationToken.None)));
        return counters.Sum(json => JsonSerializer.Deserialize<Dictionary<string, long>>(json)!.GetValueOrDefault("kixo.counter.failures"));
    }

    private void Print(Post[] posts, IReadOnlyList<LetIn> letIn, int seconds, long failures)
    {
        var bySecond = letIn.CountBy(request => request.Received).OrderBy(second => second.Key).Select(second => second.Value);
        output.WriteLine(FormattableString.Invariant(
            $"{posts.Length} requests in {seconds} s: {letIn.Count} let in, {100.0 * letIn.Count / (Limit * seconds):0.0} % of the limit; the counter failed {failures} times"));
        output.WriteLine($"answers: {string.Join(", ", posts.CountBy(post => post.Status).Select(status => $"{(int)status.Key} {status.Value}"))}");
        output.WriteLine($"let in by second of receipt: {string.Join(' ', bySecond)}");
        foreach (var status in posts.GroupBy(post => post.Status))
        {
            var took = status.Select(post => post.Took.TotalMilliseconds).Order().ToList();
            output.WriteLine(FormattableString.Invariant(
                $"{(int)status.Key} took ms: half within {took[took.Count / 2]:0.0}, 99 % within {took[took.Count * 99 / 100]:0.0}, all within {took[^1]:0.0}"));
        }
    }

    private readonly record struct Post(string Id, DateTimeOffset Sent, HttpStatusCode Status, TimeSpan Took);
}
