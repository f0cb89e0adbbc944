using System.Net;
using Azure.Messaging.EventHubs;
using Azure.Messaging.EventHubs.Producer;
using Kixo.Cli.Keys;
using Kixo.Cli.Projects;
using Kixo.Keys;
using Kixo.Tests.Support;

namespace Kixo.Tests.Telemetry;

/// <summary>What the app sends about a good, a partly rejected and a throttled batch, by OTLP, held against docs/operations.md.</summary>
public sealed class MetricsTests : IAsyncLifetime
{
    private readonly TestStack _stack = new();
    private readonly List<HttpStatusCode> _answers = [];
    private OtlpReceiver _receiver = null!;
    private string _project = null!;
    private string _key = null!;
    private long _bytes;

    public async Task InitializeAsync()
    {
        _receiver = await OtlpReceiver.StartAsync();
        foreach (var (name, value) in _receiver.Settings)
        {
            _stack.Settings[name] = value;
        }

        _stack.Settings["Kixo__Keys__HitLifetime"] = "00:01:00"; // longer than this takes
        await _stack.InitializeAsync();
        _project = $"p_{Guid.NewGuid():N}";
        var projects = new ProjectAdmin(_stack.Tables, TimeProvider.System);
        await projects.CreateAsync(_project, null, CancellationToken.None);
        await projects.SetLimitAsync(_project, 1, CancellationToken.None);
        _key = await new KeyAdmin(_stack.Tables, TimeProvider.System).CreateAsync(_project, new ApiKeyEntity(), null, CancellationToken.None);
    }

    public async Task DisposeAsync()
    {
        await _stack.DisposeAsync();
        await _receiver.DisposeAsync();
    }

    [Fact]
    public async Task A_good_a_partly_rejected_and_a_throttled_batch_give_the_documented_metrics()
    {
        await PostUntilAsync(HttpStatusCode.OK, [Some.Event(), Some.Event(), Some.Event()]);
        await PostUntilAsync(HttpStatusCode.OK, [Some.Event(), Some.Event(("device_id", null)), Some.Event(("timestamp", "\"soon\""))]);
        await PostUntilAsync(HttpStatusCode.TooManyRequests, [Some.Event()]);
        await using (var producer = new EventHubProducerClient(_stack.EventHub, EventChunk.Hub))
        {
            await producer.SendAsync([new EventData("no chunk")], CancellationToken.None);
        }

        var ok = _answers.Count(answer => answer == HttpStatusCode.OK);
        var refused = _answers.Count - ok;
        var accepted = 4 + (ok - 2); // those of the third kind that were let in have an event each
        await TestStack.EventuallyAsync(
            () => Task.FromResult(SumOf("kixo.events.persisted") >= accepted && SumOf("kixo.messages.dead_lettered") >= 1),
            () => $"{accepted} events and a dead letter in the metrics; there are {string.Join(", ", _receiver.Metrics)}");
        await _stack.StopAppAsync(); // sends what is left

        Expect("kixo.requests", ("outcome=ok", 1, ok), ("outcome=rate_limited", 1, refused));
        Expect("kixo.batch.events", ("", ok, 6 + (ok - 2)));
        Expect("kixo.batch.size", ("", ok, _bytes));
        Expect("kixo.key.lookups", ("result=hit", 1, (2 * _answers.Count) - 2), ("result=miss", 1, 2));
        Expect("kixo.permits.leased", ("source=counter", 1, ok));
        Expect("kixo.permits.refused", ("", 1, refused));
        Expect("kixo.events.accepted", ("", 1, accepted));
        Expect("kixo.events.rejected", ("code=invalid_timestamp", 1, 1), ("code=missing_field", 1, 1));
        Expect("kixo.events.persisted", ("", 1, accepted));
        Expect("kixo.messages.dead_lettered", ("", 1, 1));
        ExpectCounts("kixo.stage.duration",
            ("stage=envelope", _answers.Count), ("stage=events", ok), ("stage=key", _answers.Count), ("stage=permit", _answers.Count),
            ("stage=publish", ok), ("stage=read", _answers.Count));
        ExpectCounts("kixo.publish.duration", ("outcome=ok", ok));
        ExpectCounts("kixo.lake.lag", ("", ok));
        Assert.True(SumOf("kixo.lake.flush.size") > 0);

        // And nothing else, each as it is documented. Two count what went wrong, and nothing has.
        Assert.Equal(
            OperationsDocument.Metrics.Keys.Except(["kixo.counter.failures", "kixo.messages.repeated"]).Order(StringComparer.Ordinal),
            _receiver.Metrics.Select(metric => metric.Name).Order(StringComparer.Ordinal));
        Assert.All(_receiver.Metrics, metric =>
        {
            var (kind, unit, tags) = OperationsDocument.Metrics[metric.Name];
            Assert.Equal((kind, unit), (metric.Kind, metric.Unit));
            Assert.All(metric.Points, point => Assert.Equal(tags, point.Tags.Keys));
        });
    }

    [Fact]
    public async Task A_request_is_traced_to_the_message_it_sent_and_from_there_to_the_lake()
    {
        await PostUntilAsync(HttpStatusCode.OK, [Some.Event()]);

        await TestStack.EventuallyAsync(
            () => Task.FromResult(_receiver.Spans.Any(span => span.Name == "process events" && span.Links.Count > 0)),
            () => $"the span of the append; there are {string.Join(", ", _receiver.Spans)}");
        await _stack.StopAppAsync();

        var ingest = _receiver.Spans.Single(span => span.Name == "ingest");
        var send = _receiver.Spans.Single(span => span.Name == "send events");
        Assert.Equal((ingest.TraceId, ingest.SpanId), (send.TraceId, send.ParentId));
        Assert.Equal([send.SpanId], _receiver.Spans.Where(span => span.Name == "process events").SelectMany(span => span.Links));
    }

    private async Task PostUntilAsync(HttpStatusCode expected, string[] events)
    {
        var body = Some.Body(("project_id", $"\"{_project}\""), ("api_key", $"\"{_key}\""), ("batch", $"[{string.Join(',', events)}]"));
        await TestStack.EventuallyAsync(async () =>
        {
            using var answer = await _stack.PostAsync(body);
            _answers.Add(answer.StatusCode);
            _bytes += answer.IsSuccessStatusCode ? body.Length : 0;
            return answer.StatusCode == expected;
        }, () => $"{expected}; the answers were {string.Join(", ", _answers)}");
    }

    private double SumOf(string name) => _receiver.Metrics.Where(metric => metric.Name == name).SelectMany(metric => metric.Points).Sum(point => point.Sum);

    private void Expect(string name, params (string Tags, long Count, double Sum)[] points) =>
        Assert.Equal(points, PointsOf(name).Select(point => (TagsOf(point), point.Count, point.Sum)));

    private void ExpectCounts(string name, params (string Tags, long Count)[] points) =>
        Assert.Equal(points, PointsOf(name).Select(point => (TagsOf(point), point.Count)));

    private IOrderedEnumerable<OtlpPoint> PointsOf(string name) =>
        Assert.Single(_receiver.Metrics, metric => metric.Name == name).Points.OrderBy(TagsOf, StringComparer.Ordinal);

    private static string TagsOf(OtlpPoint point) => string.Join(',', point.Tags.Select(tag => $"{tag.Key}={tag.Value}"));
}
