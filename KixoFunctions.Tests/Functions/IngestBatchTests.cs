using System.Text;
using System.Text.Json.Nodes;
using Azure;
using Azure.Messaging.EventHubs;
using Azure.Messaging.EventHubs.Producer;
using Kixo.Batches;
using Kixo.Functions;
using Kixo.Keys;
using Kixo.Publishing;
using Kixo.RateLimiting;
using Kixo.Telemetry;
using Kixo.Tests.Keys;
using Kixo.Tests.RateLimiting;
using Kixo.Tests.Support;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Time.Testing;
using Moq;

namespace Kixo.Tests.Functions;

/// <summary>The way of a batch, with tables and hub in memory.</summary>
public sealed class IngestBatchTests : IDisposable
{
    private static readonly byte[] TooMany = Some.Batch([.. Enumerable.Repeat(Some.Event(), 1_001)]);
    private static readonly byte[] NoneValid = Some.Batch("{}");

    private readonly FakeTimeProvider _time = new(new DateTimeOffset(Some.Time));
    private readonly FakeKeyStore _keys = new();
    private readonly MemoryCounterStore _counters = new();
    private readonly Mock<EventHubProducerClient> _hub = new();
    private readonly ServiceProvider _services;
    private readonly IngestBatch _function;

    public IngestBatchTests()
    {
        _services = new ServiceCollection()
            .AddLogging().AddMetrics().AddMemoryCache(cache => cache.Clock = new CacheClock(_time)).AddHybridCache().Services
            .AddSingleton<TimeProvider>(_time).AddSingleton<KeyStore>(_keys).AddSingleton<CounterStore>(_counters).AddSingleton(_hub.Object)
            .AddSingleton<KixoMetrics>().AddSingleton<KeyDirectory>().AddSingleton<CounterOutage>().AddSingleton<RequestLimiter>().AddSingleton<EventReader>()
            .AddSingleton<ChunkPublisher>().AddSingleton<Cors>().AddSingleton<IngestBatch>()
            .BuildServiceProvider();
        _function = _services.GetRequiredService<IngestBatch>();
    }

    public void Dispose() => _services.Dispose();

    [Fact]
    public async Task A_good_batch_is_published_and_then_200()
    {
        Assert.Equal((200, "ok", 3), await PostAsync(Some.Batch(Some.Event(), Some.Event(), Some.Event())));

        Assert.Equal(1, Published);
    }

    [Fact]
    public async Task Valid_events_are_published_though_others_are_not()
    {
        Assert.Equal((200, "ok", 1), await PostAsync(Some.Batch(Some.Event(), "{}")));

        Assert.Equal(1, Published);
    }

    [Fact]
    public async Task Each_refusal_goes_before_those_that_cost_more()
    {
        _hub.Setup(hub => hub.SendAsync(It.IsAny<IEnumerable<EventData>>(), It.IsAny<SendEventOptions>(), It.IsAny<CancellationToken>()))
            .ThrowsAsync(new EventHubsException(isTransient: true, "events"));
        _keys.Key = null;
        var tooLarge = new byte[BatchLimits.MaxBodyBytes + 1];

        // 1 read, 2 envelope, 3 key: nothing is asked before the batch is whole.
        Assert.Equal("unsupported_media_type", (await PostAsync(tooLarge, "application/xml")).Code);
        Assert.Equal("unsupported_encoding", (await PostAsync(tooLarge, contentEncoding: "compress")).Code);
        Assert.Equal("payload_too_large", (await PostAsync(tooLarge)).Code);
        Assert.Equal("malformed_json", (await PostAsync("{"u8.ToArray())).Code);
        Assert.Equal("invalid_batch", (await PostAsync(Some.Body(("platform", null)))).Code);
        Assert.Equal((0, 0), _keys.Lookups);

        Assert.Equal("invalid_api_key", (await PostAsync(TooMany)).Code);
        _time.Advance(TimeSpan.FromSeconds(11));
        _keys.Key = new(Enabled: true, null, "ios", null, null);
        Assert.Equal(0, _counters.Calls);

        // 4 permit
        _counters[Some.Project] = new(RateWindow.SecondOf(_time.GetUtcNow()), 100);
        Assert.Equal((429, "rate_limited", 0), await PostAsync(TooMany));

        // 5 events, 6 publish
        _time.Advance(TimeSpan.FromSeconds(1));
        Assert.Equal("not_allowed", (await PostAsync(TooMany)).Code);
        _keys.Key = new(Enabled: true, null, null, null, null);
        _time.Advance(TimeSpan.FromSeconds(31));
        Assert.Equal((429, "too_many_events", 0), await PostAsync(TooMany));
        Assert.Equal((400, "invalid_batch", 0), await PostAsync(NoneValid));
        Assert.Equal(0, Published);
        Assert.Equal((503, "unavailable", 0), await PostAsync(Some.Body()));
        Assert.Equal(1, Published);
    }

    [Fact]
    public async Task While_nothing_is_known_of_the_key_it_is_503()
    {
        _keys.Failure = new RequestFailedException(503, "down");

        Assert.Equal((503, "unavailable", 0), await PostAsync(Some.Body()));
        Assert.Equal(0, Published);
    }

    [Fact]
    public async Task What_nobody_foresaw_is_503_too()
    {
        _keys.Failure = new InvalidCastException();

        Assert.Equal((503, "unavailable", 0), await PostAsync(Some.Body()));
    }

    [Theory]
    [InlineData(null)]
    [InlineData("")]
    [InlineData("text/plain;charset=UTF-8")]
    [InlineData("Application/JSON ; charset=utf-8")]
    public async Task What_browsers_and_SDKs_call_JSON_is_read(string? contentType) =>
        Assert.Equal(200, (await PostAsync(Some.Body(), contentType)).Status);

    [Theory]
    [InlineData("application/x-www-form-urlencoded")]
    [InlineData("application/jsonp")]
    [InlineData("text/html")]
    public async Task Other_content_types_are_refused(string contentType) =>
        Assert.Equal((415, "unsupported_media_type", 0), await PostAsync(Some.Body(), contentType));

    [Fact]
    public async Task Answers_after_the_permit_say_what_is_left_whatever_they_are()
    {
        foreach (var body in new[] { Some.Body(), NoneValid })
        {
            var (response, _) = await RunAsync(body, "application/json", null);

            Assert.StartsWith("\"project\";r=", response.Headers["RateLimit"], StringComparison.Ordinal);
        }
    }

    [Fact]
    public async Task A_client_that_has_gone_is_not_answered()
    {
        using var gone = new CancellationTokenSource();
        _keys.Answers = new TaskCompletionSource().Task;
        var context = NewContext(Some.Body(), "application/json", null);
        context.RequestAborted = gone.Token;
        var run = _function.RunAsync(context.Request, gone.Token);

        await gone.CancelAsync();

        Assert.Same(Results.Empty, await run);
    }

    [Fact]
    public async Task A_client_that_waits_while_the_app_stops_is_answered_503_and_no_silent_200()
    {
        using var stopping = new CancellationTokenSource();
        _keys.Answers = new TaskCompletionSource().Task;
        var context = NewContext(Some.Body(), "application/json", null);
        var run = _function.RunAsync(context.Request, stopping.Token);

        await stopping.CancelAsync();
        await (await run).ExecuteAsync(context);

        Assert.Equal(StatusCodes.Status503ServiceUnavailable, context.Response.StatusCode);
    }

    [Theory]
    [InlineData(408, 503, "unavailable")]
    [InlineData(413, 413, "payload_too_large")]
    [InlineData(400, 400, "malformed_json")]
    public async Task What_the_server_finds_wrong_with_a_body_is_answered_by_the_contract(int found, int status, string code)
    {
        var body = new Mock<Stream>();
        body.Setup(stream => stream.ReadAsync(It.IsAny<Memory<byte>>(), It.IsAny<CancellationToken>())).Throws(new BadHttpRequestException("", found));
        body.Setup(stream => stream.CanRead).Returns(true);
        var context = NewContext([], "application/json", "gzip");
        context.Request.Body = body.Object;

        var (response, json) = await RunAsync(context);

        Assert.Equal((status, code), (response.StatusCode, (string?)json["code"]));
    }

    private int Published => _hub.Invocations.Count(call => call.Method.Name == nameof(EventHubProducerClient.SendAsync));

    private async Task<(int Status, string Code, int Accepted)> PostAsync(byte[] body, string? contentType = "application/json", string? contentEncoding = null)
    {
        var (response, json) = await RunAsync(body, contentType, contentEncoding);
        return (response.StatusCode, (string?)json["code"] ?? (string)json["status"]!, (int?)json["accepted"] ?? 0);
    }

    private Task<(HttpResponse Response, JsonNode Json)> RunAsync(byte[] body, string? contentType, string? contentEncoding) =>
        RunAsync(NewContext(body, contentType, contentEncoding));

    private async Task<(HttpResponse Response, JsonNode Json)> RunAsync(DefaultHttpContext context)
    {
        using var answer = new MemoryStream();
        context.Response.Body = answer;
        await (await _function.RunAsync(context.Request, CancellationToken.None)).ExecuteAsync(context);
        await context.Response.BodyWriter.FlushAsync();
        return (context.Response, JsonNode.Parse(Encoding.UTF8.GetString(answer.ToArray()))!);
    }

    private static DefaultHttpContext NewContext(byte[] body, string? contentType, string? contentEncoding)
    {
        var context = new DefaultHttpContext();
        context.Request.Body = new MemoryStream(body);
        context.Request.ContentLength = body.Length;
        context.Request.ContentType = contentType;
        context.Request.Headers.ContentEncoding = contentEncoding;
        return context;
    }
}
