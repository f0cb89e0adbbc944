using System.Text;
using System.Text.Json.Nodes;
using CsCheck;
using Kixo.Batches;
using Kixo.Tests.Support;
using Microsoft.Extensions.Options;
using Microsoft.Extensions.Time.Testing;

namespace Kixo.Tests.Contract;

/// <summary>Bodies that were valid once: whatever became of them, the readers decide as the contract does, and quietly.</summary>
public sealed class MutationTests
{
    private const int Mutations = 120_000;

    private static readonly EventReader Events = new(new FakeTimeProvider(new DateTimeOffset(Some.Time)), Options.Create(new BatchOptions()));

    private static readonly string[] SpecifiedCodes = [BatchProblem.MalformedJson, BatchProblem.InvalidBatch, BatchProblem.TooManyEvents];

    /// <summary>A valid body of one to four events, with properties and unknown members of any kind.</summary>
    private static readonly Gen<byte[]> Valid = Gen.Select(Some.JsonObject, Some.Json, Gen.Int[1, 4], Gen.Bool).Select((properties, unknown, count, idFirst) =>
    {
        var events = Enumerable.Range(0, count).Select(i => Some.Event(
            ("properties", properties), ("more", unknown), ("event_id", idFirst ? $"\"id-{i}\"" : null))).ToArray();
        return Some.Body(("batch", $"[{string.Join(", ", events)}]"), ("sent_at", "\"2026-04-08T14:00:00.5+02:00\""), ("sdk", unknown));
    });

    /// <summary>One to three changes: bytes flipped, cut, doubled or moved; a piece replaced by one that JSON is made of.</summary>
    private static readonly Gen<Func<byte[], byte[]>> Change = Gen.Select(Gen.Int[0, 5], Gen.Double[0, 1], Gen.Double[0, 1], Gen.Byte, Some.Json)
        .Select<int, double, double, byte, string, Func<byte[], byte[]>>((kind, place, extent, value, json) => body =>
        {
            var at = (int)(place * body.Length);
            var to = Math.Min(body.Length, at + 1 + (int)(extent * extent * extent * (body.Length - at)));
            return kind switch
            {
                0 => [.. body[..at], value, .. body[Math.Min(at + 1, body.Length)..]],
                1 => [.. body[..at], .. body[to..]],
                2 => [.. body[..to], .. body[at..]],
                3 => [.. body[..at], .. body[to..], .. body[at..to]],
                4 => [.. body[..at], .. Encoding.UTF8.GetBytes(json), .. body[to..]],
                _ => ReplaceToken(body, at, json),
            };
        });

    private static readonly Gen<byte[]> Mutated = Gen.Select(Valid, Change.Array[1, 3])
        .Select((body, changes) => changes.Aggregate(body, (mutated, change) => change(mutated)));

    [Fact]
    public void Every_mutation_is_decided_as_the_reference_decides_it()
    {
        var accepted = 0;
        Mutated.Sample(
            body =>
            {
                var expected = ReferenceReader.Accepted(body);
                var actual = Read(body);
                Interlocked.Add(ref accepted, expected is null ? 0 : 1);
                return expected is null ? actual is null : actual is not null && expected.SequenceEqual(actual);
            },
            iter: Mutations,
            print: body => $"{Encoding.UTF8.GetString(body)}\n reference: {Print(ReferenceReader.Accepted(body))} reader: {Print(Read(body))}");

        // Both ways are trodden, or the comparison says little.
        Assert.InRange(accepted, Mutations / 20, Mutations - (Mutations / 20));
    }

    [Fact]
    public void Every_valid_batch_is_stored_as_it_was_sent()
    {
        Valid.Sample(
            body =>
            {
                using var lines = Lines(body).Lines!;
                var sent = JsonNode.Parse(body)!["batch"]!.AsArray();
                var stored = Encoding.UTF8.GetString(lines.Lines.Span).Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(line => JsonNode.Parse(line)!).ToList();
                return sent.Count == stored.Count && sent.Zip(stored).All(pair => Same(pair.First!.AsObject(), pair.Second.AsObject()));
            },
            iter: 5_000,
            print: Encoding.UTF8.GetString);

        static bool Same(JsonObject sent, JsonObject stored) =>
            sent.All(member => JsonNode.DeepEquals(member.Value, member.Key switch
            {
                "timestamp" => stored["original_timestamp"],
                "more" => stored["extra"]!["more"],
                _ => stored[member.Key],
            }));
    }

    /// <summary>Puts other JSON in the place of the value that begins behind the next colon, or comma, or bracket.</summary>
    private static byte[] ReplaceToken(byte[] body, int at, string json)
    {
        var start = body.AsSpan(at).IndexOfAny(":,["u8) + at + 1;
        if (start <= at)
        {
            return body;
        }

        var length = body.AsSpan(start).IndexOfAny(",]}"u8);
        return length < 0 ? body : [.. body[..start], .. Encoding.UTF8.GetBytes(json), .. body[(start + length)..]];
    }

    /// <summary>The accepted indexes, or null when refused, with one of the specified codes.</summary>
    private static List<int>? Read(byte[] body)
    {
        var (lines, problem, count) = Lines(body);
        if (lines is null)
        {
            Assert.Contains(problem!.Code, SpecifiedCodes);
            return null;
        }

        using (lines)
        {
            Assert.Equal(count, lines.Accepted + lines.Rejected);
            return [.. Enumerable.Range(0, count).Except(lines.Errors.Select(error => error.Index!.Value))];
        }
    }

    private static (EventLines? Lines, BatchProblem? Problem, int Count) Lines(byte[] body)
    {
        var (envelope, problem) = EnvelopeReader.Read(body);
        if (envelope is null)
        {
            return (null, problem, 0);
        }

        if (envelope.EventCount > BatchLimits.MaxEvents)
        {
            return (null, BatchProblem.OfTooMany(envelope.EventCount), 0);
        }

        (var lines, _, problem) = Events.Read(body, envelope);
        return (lines, problem, envelope.EventCount);
    }

    private static string Print(IEnumerable<int>? accepted) => accepted is null ? "refused" : $"[{string.Join(',', accepted)}]";
}
