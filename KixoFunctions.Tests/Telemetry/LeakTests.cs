using System.IO.Compression;
using System.Net;
using System.Net.Sockets;
using System.Text;
using Azure.Messaging.EventHubs;
using Azure.Messaging.EventHubs.Producer;
using Kixo.Cli.Keys;
using Kixo.Cli.Projects;
using Kixo.Keys;
using Kixo.Tests.Support;

namespace Kixo.Tests.Telemetry;

/// <summary>
/// Every kind of request, good and bad, with everything up and with everything down, with marks where secrets and people's data
/// are; and no mark in what the app logs, at any level, or sends as telemetry.
/// </summary>
public sealed class LeakTests : IAsyncLifetime
{
    private const string WrongKey = "kx_key_MARK-wrong-key";
    private const string DeviceId = "MARK-device";
    private const string PropertyValue = "MARK-property-value";
    private const string PropertyName = "MARK-property-name";

    private static readonly string[] Everything = ["default", "Function", "Microsoft.AspNetCore.Hosting", "Microsoft.AspNetCore.Http", "Microsoft.AspNetCore.Routing", "Microsoft.AspNetCore.Server"];

    private readonly TestStack _stack = new();
    private readonly StringBuilder _logs = new();
    private OtlpReceiver _receiver = null!;
    private string _project = null!;
    private string _key = null!;

    public async Task InitializeAsync()
    {
        _receiver = await OtlpReceiver.StartAsync();
        foreach (var (name, value) in _receiver.Settings)
        {
            _stack.Settings[name] = value;
        }

        foreach (var category in Everything)
        {
            _stack.Settings[$"AzureFunctionsJobHost__logging__logLevel__{category}"] = "Trace";
        }

        await _stack.InitializeAsync();
        _project = $"p_{Guid.NewGuid():N}";
        await new ProjectAdmin(_stack.Tables, TimeProvider.System).CreateAsync(_project, null, CancellationToken.None);
        _key = await new KeyAdmin(_stack.Tables, TimeProvider.System).CreateAsync(
            _project, new ApiKeyEntity { AllowedPlatforms = "web" }, null, CancellationToken.None);
    }

    public async Task DisposeAsync()
    {
        await _stack.DisposeAsync();
        await _receiver.DisposeAsync();
    }

    [Fact]
    public async Task No_key_no_property_and_no_device_is_logged_or_sent()
    {
        await PostGoodOnesAsync();
        await PostBadOnesAsync();
        await ThrottleAsync();
        await LeaveInTheMiddleAsync();
        await SendWhatCannotBeReadAsync();
        await _stack.StopHubAsync();
        await TestStack.EventuallyAsync(
            async () => await PostAsync(null, Body()) == HttpStatusCode.ServiceUnavailable, () => "a 503, once the throttled second is over");
        await _stack.StartHubAsync();
        await _stack.StopStorageAsync();
        await PostAsync(null, Body());
        await PostAsync(null, Body(("project_id", "\"p_never_seen\"")));
        await _stack.StartStorageAsync();
        await _stack.StopAppAsync();
        _logs.Append(_stack.AppLog);

        var sent = new[] { "metrics", "traces", "logs" }.Select(signal => (signal, Text: Encoding.Latin1.GetString([.. _receiver.Bodies(signal).SelectMany(body => body)])));
        Assert.All(sent.Append(("output", Text: _logs.ToString())), output =>
        {
            Assert.All(new[] { _key, WrongKey, DeviceId, PropertyValue, PropertyName, "MARK" }, mark => Assert.DoesNotContain(mark, output.Text, StringComparison.OrdinalIgnoreCase));
            Assert.NotEqual("", output.Text);
        });

        // It was all there to be seen: what is logged at the lowest levels, by the app and by Kestrel, and what goes wrong.
        Assert.All(
            ["appended to the event lake", "did not acknowledge a batch", "Key lookup failed", "put to dead letters", "Connection id"],
            line => Assert.Contains(line, _logs.ToString(), StringComparison.Ordinal));
        Assert.Contains("did not acknowledge a batch", sent.Last().Text, StringComparison.Ordinal);
    }

    private async Task PostGoodOnesAsync()
    {
        await PostAsync(HttpStatusCode.OK, Body());
        await PostAsync(HttpStatusCode.OK, Body(("batch", $"[{MarkedEvent()},{MarkedEvent(("timestamp", $"\"{PropertyValue}\""))},{MarkedEvent(("device_id", $"[\"{DeviceId}\"]"))}]")));
        using var zipped = new MemoryStream();
        await using (var gzip = new GZipStream(zipped, CompressionLevel.Fastest, leaveOpen: true))
        {
            gzip.Write(Body());
        }

        await PostAsync(HttpStatusCode.OK, zipped.ToArray(), contentEncoding: "gzip");
    }

    private async Task PostBadOnesAsync()
    {
        await PostAsync(HttpStatusCode.Unauthorized, Body(("api_key", $"\"{WrongKey}\"")));
        await PostAsync(HttpStatusCode.Unauthorized, Body(("project_id", "\"p_none\"")));
        await PostAsync(HttpStatusCode.Forbidden, Body(("platform", "\"ios\"")));
        await PostAsync(HttpStatusCode.BadRequest, Body(("platform", $"\"{PropertyValue}\"")));
        await PostAsync(HttpStatusCode.BadRequest, Body(("batch", $"[{MarkedEvent(("event_name", null))}]")));
        await PostAsync(HttpStatusCode.BadRequest, Body()[..^9]);
        await PostAsync(HttpStatusCode.BadRequest, Body(("batch", "[{]")));
        await PostAsync(HttpStatusCode.BadRequest, Body(), contentEncoding: "gzip");
        await PostAsync(HttpStatusCode.UnsupportedMediaType, Body(), contentType: "text/csv");
        await PostAsync(HttpStatusCode.UnsupportedMediaType, Body(), contentEncoding: "compress");
        await PostAsync(HttpStatusCode.TooManyRequests, Body(("batch", $"[{string.Join(',', Enumerable.Repeat(MarkedEvent(), 1_001))}]")));
        await PostAsync(HttpStatusCode.RequestEntityTooLarge, [.. Body(), .. Enumerable.Repeat((byte)' ', 5 << 20)]);
    }

    private async Task ThrottleAsync()
    {
        await new ProjectAdmin(_stack.Tables, TimeProvider.System).SetLimitAsync(_project, 1, CancellationToken.None);
        await TestStack.EventuallyAsync(async () => (await PostAsync(null, Body())) == HttpStatusCode.TooManyRequests, () => "a refusal");
        await new ProjectAdmin(_stack.Tables, TimeProvider.System).SetLimitAsync(_project, 1_000, CancellationToken.None);
        await TestStack.EventuallyAsync(async () => (await PostAsync(null, Body())) == HttpStatusCode.OK, () => "an end of the refusals");
    }

    private async Task LeaveInTheMiddleAsync()
    {
        using var client = new TcpClient();
        await client.ConnectAsync(_stack.Client.BaseAddress!.Host, _stack.Client.BaseAddress.Port);
        await client.GetStream().WriteAsync(Encoding.UTF8.GetBytes("POST /v1/batch HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nContent-Length: 100000\r\n\r\n"));
        await client.GetStream().WriteAsync(Body());
    }

    private async Task SendWhatCannotBeReadAsync()
    {
        await using var producer = new EventHubProducerClient(_stack.EventHub, EventChunk.Hub);
        var damaged = new EventChunk(_project, "production", TimeProvider.System.GetUtcNow().UtcDateTime, 1, ChunkEncoding.Zstd, Body());
        await producer.SendAsync([damaged.ToMessage(), new EventData(PropertyValue) { Properties = { [PropertyName] = PropertyValue } }], CancellationToken.None);
        await TestStack.EventuallyAsync(
            () => Task.FromResult(_stack.AppLog.Split("put to dead letters").Length > 2), () => "two dead letters");
    }

    private byte[] Body(params (string Name, string? Json)[] changes) => Some.Body(
        [("project_id", $"\"{_project}\""), ("api_key", $"\"{_key}\""), ("batch", $"[{MarkedEvent()}]"), .. changes]);

    private static string MarkedEvent(params (string Name, string? Json)[] changes) => Some.Event(
        [("device_id", $"\"{DeviceId}\""), ("properties", $$"""{"{{PropertyName}}":"{{PropertyValue}}","n":["{{PropertyValue}}"]}"""), .. changes]);

    /// <param name="expected">Null: whatever it may be.</param>
    private async Task<HttpStatusCode> PostAsync(HttpStatusCode? expected, byte[] body, string contentType = "application/json", string? contentEncoding = null)
    {
        using var content = new ByteArrayContent(body);
        content.Headers.ContentType = new(contentType);
        if (contentEncoding is not null)
        {
            content.Headers.ContentEncoding.Add(contentEncoding);
        }

        using var answer = await _stack.Client.PostAsync(new Uri("/v1/batch", UriKind.Relative), content);
        Assert.Equal(expected ?? answer.StatusCode, answer.StatusCode);
        return answer.StatusCode;
    }
}
