using System.Diagnostics.Metrics;
using System.Text;
using CsCheck;
using Kixo.Persistence;
using Kixo.RateLimiting;
using Kixo.Telemetry;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Options;

namespace Kixo.Tests.Support;

/// <summary>Test data: valid as it comes, and changed where a test says so.</summary>
internal static class Some
{
    public const string Project = "kx_proj_abc123";
    public const string Key = "kx_key_xyz789";

    /// <summary>When everything happens, unless a test says otherwise.</summary>
    public static readonly DateTime Time = new(2026, 4, 8, 12, 0, 0, DateTimeKind.Utc);

    private static readonly (string, string?)[] EventMembers =
    [
        ("event_type", "\"page_view\""), ("event_name", "\"/pricing\""), ("device_id", "\"device_001\""), ("session_id", "\"s_001\""),
        ("timestamp", "\"2026-04-08T12:00:00Z\""), ("properties", """{"referrer":"https://google.com"}"""),
    ];

    private static readonly (string, string?)[] EnvelopeMembers =
    [
        ("project_id", $"\"{Project}\""), ("api_key", $"\"{Key}\""), ("bundle_id", "\"com.example.app\""), ("platform", "\"web\""),
    ];

    private static readonly Gen<string> Space = Gen.Frequency((6, ""), (1, " "), (1, "\n"), (1, "\r\n\t"));

    /// <summary>JSON strings, full of what other JSON is made of.</summary>
    public static readonly Gen<string> JsonString =
        Gen.OneOf("[", "]", "{", "}", ",", ":", @"\""", @"\\", @"\n", @"\/", @"\u005B", @"\u0022", @"\ud83d\ude00", "é", "😀", "a", " ")
            .Array[0, 8].Select(parts => $"\"{string.Concat(parts)}\"");

    private static readonly Gen<string> JsonScalar =
        Gen.OneOf(JsonString, Gen.OneOf("true", "false", "null", "0", "-1.5e+3", "12345678901234567890", "0.1"));

    /// <summary>Values of any kind, nested up to four deep, with white space here and there.</summary>
    public static readonly Gen<string> Json = Gen.Recursive<string>((depth, json) =>
        depth > 3 ? JsonScalar : Gen.Frequency((2, JsonScalar), (1, ArrayOf(json)), (1, ObjectOf(json))));

    public static readonly Gen<string> JsonArray = ArrayOf(Json);

    public static readonly Gen<string> JsonObject = ObjectOf(Json);

    /// <summary>A valid event.</summary>
    /// <param name="changes">Members by name, as JSON: replaced, added, or with null left out.</param>
    public static string Event(params (string Name, string? Json)[] changes) => Object(EventMembers, changes);

    /// <summary>A body with these events and an envelope that is valid.</summary>
    public static byte[] Batch(params string[] events) => Body(("batch", $"[{string.Join(',', events)}]"));

    /// <summary>A valid body of one event.</summary>
    /// <param name="changes">Members of the envelope by name, as JSON: replaced, added, or with null left out.</param>
    public static byte[] Body(params (string Name, string? Json)[] changes) =>
        Encoding.UTF8.GetBytes(Object([.. EnvelopeMembers, ("batch", $"[{Event()}]")], changes));

    /// <summary>That many short lines.</summary>
    public static byte[] Lines(int count) =>
        Encoding.UTF8.GetBytes(string.Concat(Enumerable.Range(0, count).Select(n => $"{{\"event_id\":\"{n}\"}}\n")));

    public static EventChunk Chunk(byte[] lines, ChunkEncoding encoding = ChunkEncoding.Zstd)
    {
        using var body = encoding.Compress(lines);
        return new(Project, "production", Time, lines.AsSpan().Count((byte)'\n'), encoding, body.Written.ToArray());
    }

    public static HubMessage HubMessage(long sequence = 1, string partition = "0", int events = 1) =>
        new(partition, sequence, new DateTimeOffset(Time), Chunk(Lines(events)));

    public static CounterOutage CounterOutage(TimeProvider time, TimeSpan? after = null) => new(
        time, Options.Create(new RateLimitOptions { OutageAfter = after ?? TimeSpan.FromSeconds(1) }), Metrics, NullLogger<CounterOutage>.Instance);

    /// <summary>Metrics that nobody listens to.</summary>
    public static readonly KixoMetrics Metrics =
        new(new ServiceCollection().AddMetrics().BuildServiceProvider().GetRequiredService<IMeterFactory>());

    private static Gen<string> ArrayOf(Gen<string> json) => Gen.Select(json.Array[0, 5], Space, Space, (values, before, behind) =>
        $"[{before}{string.Join($"{behind},{before}", values)}{behind}]");

    // Names end in their place among the members: no name stands twice.
    private static Gen<string> ObjectOf(Gen<string> json) => Gen.Select(JsonString, json).Array[0, 4].SelectMany(_ => Space, (members, space) =>
        $"{{{space}{string.Join(',', members.Select((m, i) => $"{m.Item1[..^1]}{i}\"{space}:{space}{m.Item2}"))}{space}}}");

    private static string Object((string Name, string? Json)[] members, (string Name, string? Json)[] changes)
    {
        var all = new OrderedDictionary<string, string?>(members.Select(m => KeyValuePair.Create(m.Name, m.Json)));
        foreach (var (name, json) in changes)
        {
            all[name] = json;
        }

        return $"{{{string.Join(',', all.Where(m => m.Value is not null).Select(m => $"\"{m.Key}\":{m.Value}"))}}}";
    }
}
