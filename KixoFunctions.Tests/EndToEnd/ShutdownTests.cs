using System.Net;
using System.Text;
using Kixo.Local;
using Kixo.Tests.Support;

namespace Kixo.Tests.EndToEnd;

/// <summary>What a signal to stop does to the app as a process, with requests in flight.</summary>
public sealed class ShutdownTests : IAsyncLifetime
{
    private const int InFlight = 20;

    private readonly TestStack _stack = new();
    private readonly TaskCompletionSource _gate = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly SemaphoreSlim _begun = new(0);
    private readonly HttpClient _client = new(new SocketsHttpHandler { Expect100ContinueTimeout = TimeSpan.FromMinutes(1) });

    public Task InitializeAsync() => _stack.InitializeAsync();

    public async Task DisposeAsync()
    {
        _client.Dispose();
        _begun.Dispose();
        await _stack.DisposeAsync();
    }

    [UnixFact]
    public async Task Requests_in_flight_are_answered_and_what_was_acknowledged_is_stored_after_the_next_start()
    {
        var answers = Enumerable.Range(0, InFlight).Select(i => PostHeldAsync($"held{i}")).ToArray();
        await BegunAsync(InFlight);

        _stack.TerminateApp();
        await NoMoreRequestsAreTakenAsync();
        _gate.SetResult();

        var statuses = await Task.WhenAll(answers).WaitAsync(TimeSpan.FromSeconds(60), TimeProvider.System);
        Assert.Equal(0, await _stack.AppExitCodeAsync());
        Assert.All(statuses, status => Assert.Contains(status, (HttpStatusCode[])[HttpStatusCode.OK, HttpStatusCode.ServiceUnavailable]));
        var acknowledged = Enumerable.Range(0, InFlight).Where(i => statuses[i] == HttpStatusCode.OK).Select(i => $"held{i}").ToHashSet();
        Assert.NotEmpty(acknowledged);

        await _stack.StartAppAsync();
        Assert.Distinct(await _stack.StoredIdsAsync(Provisioning.ProjectId, acknowledged));
    }

    [UnixFact]
    public async Task A_second_signal_ends_it_at_once()
    {
        var answer = PostHeldAsync("held");
        await BegunAsync(1);
        _stack.TerminateApp();
        await NoMoreRequestsAreTakenAsync();

        _stack.TerminateApp();

        Assert.Equal(128 + 15, await _stack.AppExitCodeAsync());
        _gate.SetResult();
        await Assert.ThrowsAsync<HttpRequestException>(() => answer);
    }

    private async Task BegunAsync(int count)
    {
        for (var i = 0; i < count; i++)
        {
            Assert.True(await _begun.WaitAsync(TimeSpan.FromSeconds(60)));
        }
    }

    private Task NoMoreRequestsAreTakenAsync() => TestStack.EventuallyAsync(async () =>
    {
        try
        {
            using var newConnection = new HttpClient { BaseAddress = _stack.Client.BaseAddress };
            using var answer = await newConnection.GetAsync(new Uri("/health/live", UriKind.Relative));
            return false;
        }
        catch (HttpRequestException)
        {
            return true;
        }
    }, () => "the app to take no more requests");

    private async Task<HttpStatusCode> PostHeldAsync(string eventId)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, new Uri(_stack.Client.BaseAddress!, "/v1/batch"))
        {
            Content = new HeldContent(Body(eventId), _begun, _gate.Task),
            Headers = { ExpectContinue = true },
        };
        using var answer = await _client.SendAsync(request);
        return answer.StatusCode;
    }

    // Its white space keeps a request that is held above Kestrel's minimum rate (240 bytes a second after five seconds) for two minutes.
    private static byte[] Body(string eventId) => Encoding.UTF8.GetBytes(new string(' ', 60_000) +
        $$"""
        {"project_id":"{{Provisioning.ProjectId}}","api_key":"{{Provisioning.ApiKey}}","bundle_id":"com.example.app","platform":"ios",
         "batch":[{"event_type":"tap","event_name":"buy","device_id":"device_001","session_id":"s","timestamp":"2026-04-08T12:00:00Z","event_id":"{{eventId}}"}]}
        """);

    /// <summary>A body whose second half waits. The first is asked for by the function, with 100 Continue, so it has begun.</summary>
    private sealed class HeldContent(byte[] body, SemaphoreSlim begun, Task gate) : HttpContent
    {
        protected override async Task SerializeToStreamAsync(Stream stream, TransportContext? context)
        {
            var half = body.Length / 2;
            await stream.WriteAsync(body.AsMemory(0, half));
            await stream.FlushAsync();
            begun.Release();
            await gate;
            await stream.WriteAsync(body.AsMemory(half));
        }

        protected override bool TryComputeLength(out long length)
        {
            length = body.Length;
            return true;
        }
    }
}
