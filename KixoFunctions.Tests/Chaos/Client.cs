using System.Globalization;
using System.Net;
using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Net.Sockets;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace Kixo.Tests.Chaos;

/// <summary>
/// A device that posts one batch after the other and sends each again until it is answered 200, as docs/batch-api.md says.
/// Every event names its batch (<c>session_id</c>) and its place there (<c>event_name</c>).
/// </summary>
internal sealed class Client(string name, string project, string key, IReadOnlyList<Uri> addresses, Random random, Ledger ledger) : IDisposable
{
    /// <summary>Far shorter than the documented five minutes: the test would be over.</summary>
    private const double LongestWait = 2;

    private readonly HttpClient _http = new() { Timeout = TimeSpan.FromSeconds(30) };

    // Every other client leaves the ids to the server.
    private readonly bool _hasIds = random.Next(2) == 0;
    private int _batches;

    /// <param name="stopping">No more batches then; the one at hand is still sent until it is acknowledged.</param>
    public async Task RunAsync(CancellationToken stopping)
    {
        while (!stopping.IsCancellationRequested)
        {
            await SendAsync($"{name}-{_batches++}", random.Next(20) switch { < 14 => random.Next(1, 50), < 19 => random.Next(50, 300), _ => 1000 });
            await PauseAsync(TimeSpan.FromSeconds(0.1), 1);
        }
    }

    public void Dispose() => _http.Dispose();

    private async Task SendAsync(string batch, int count)
    {
        var events = string.Join(',', Enumerable.Range(0, count).Select(n => Event(batch, n)));
        for (var attempt = 0; ; attempt++)
        {
            var (answer, acknowledged, retryAfter) = await PostAsync(events, count);
            ledger.Answered(answer);
            if (acknowledged)
            {
                Assert.True(ledger.Acknowledged.TryAdd(batch, count));
                return;
            }

            // Some devices never come back.
            if (random.Next(50) == 0)
            {
                ledger.GivenUp.Add(batch);
                return;
            }

            await PauseAsync(retryAfter, Math.Min(LongestWait, 0.25 * Math.Pow(2, attempt)));
        }
    }

    private async Task<(string Answer, bool Acknowledged, TimeSpan RetryAfter)> PostAsync(string events, int count)
    {
        var now = TimeProvider.System.GetUtcNow().ToString("yyyy-MM-ddTHH:mm:ss.fffZ", CultureInfo.InvariantCulture);
        var body =
            $$"""
            {"project_id":"{{project}}","api_key":"{{key}}","bundle_id":"com.example.app","platform":"ios","sent_at":"{{now}}","batch":[{{events}}]}
            """;
        using var content = new StringContent(body, Encoding.UTF8, new MediaTypeHeaderValue("application/json"));
        try
        {
            using var response = await _http.PostAsync(addresses[random.Next(addresses.Count)], content);
            var retryAfter = response.Headers.RetryAfter?.Delta ?? TimeSpan.Zero;
            var answer = await response.Content.ReadFromJsonAsync<JsonObject>();
            if (response.StatusCode != HttpStatusCode.OK)
            {
                return ($"{(int)response.StatusCode} {(string?)answer!["code"]}", false, retryAfter);
            }

            Assert.Equal(("ok", count), ((string?)answer!["status"], (int?)answer["accepted"]));
            return ("200", true, default);
        }
        catch (Exception e) when (e is HttpRequestException or SocketException or OperationCanceledException or IOException or JsonException)
        {
            // A connection that is reset at the very start escapes HttpClient as a SocketException.
            return ("none", false, default);
        }
    }

    private Task PauseAsync(TimeSpan least, double moreSeconds) =>
        Task.Delay(least + TimeSpan.FromSeconds(random.NextDouble() * moreSeconds), TimeProvider.System, CancellationToken.None);

    private string Event(string batch, int n)
    {
        var id = _hasIds ? $"\"event_id\":\"{batch}_{n}\"," : "";
        var properties = $"{{\"note\":\"note-{Convert.ToHexString(RandomBytes(random.Next(60)))}\"}}";
        return $$"""
            {{{id}}"event_type":"tap","event_name":"{{n}}","device_id":"{{name}}","session_id":"{{batch}}","timestamp":"2026-04-08T12:00:00Z","properties":{{properties}}}
            """;
    }

    private byte[] RandomBytes(int count)
    {
        var bytes = new byte[count];
        random.NextBytes(bytes);
        return bytes;
    }
}
