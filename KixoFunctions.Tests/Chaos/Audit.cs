using System.Globalization;
using System.IO.Hashing;
using System.Text;
using System.Text.Json;
using Azure.Storage.Blobs;
using Kixo.Persistence;

namespace Kixo.Tests.Chaos;

/// <summary>
/// The event lake held against the hub, line by line, and against what clients were told. A line is told from every other by
/// what the server wrote into it, <c>received_at</c> among it: a batch that its client sent twice is two messages, each to be there once.
/// </summary>
/// <param name="HubMessages">Messages in the hub.</param>
/// <param name="Missing">Of these, the ones that the lake does not hold whole.</param>
/// <param name="AppendedTwice">Of these, the ones of which the lake holds a line more often than the hub.</param>
/// <param name="Blobs">Blobs of the lake.</param>
/// <param name="Lines">Their lines.</param>
/// <param name="Foreign">Of these, the ones that are in no message.</param>
/// <param name="Duplicates">Of these, the ones whose event is there before: what readers drop.</param>
/// <param name="Lost">Events that were acknowledged and are not in the lake.</param>
/// <param name="AmbiguousIds">Events with two ids, and ids of two events.</param>
/// <param name="Drained">How long the app took until nothing waited in the hub any more.</param>
internal sealed record Audit(
    int HubMessages, int Missing, int AppendedTwice, int Blobs, long Lines, long Foreign, long Duplicates, long Lost, int AmbiguousIds, TimeSpan Drained)
{
    public bool IsClean => (Missing, AppendedTwice, Foreign, Lost, AmbiguousIds) == default;

    /// <summary>Waits until nothing waits in the hub any more, then looks.</summary>
    public static async Task<Audit> OfAsync(ChaosStack stack, Ledger ledger)
    {
        var start = TimeProvider.System.GetTimestamp();
        var hub = new HubContent(stack.HubDirectly, stack.StorageDirectly);
        await hub.DrainedAsync();
        var drained = TimeProvider.System.GetElapsedTime(start);

        // 1. The lake: how often each line is there, and what events they are.
        var container = new BlobContainerClient(stack.StorageDirectly, LakePath.Container);
        var (blobs, total) = (0, 0L);
        var lake = new Dictionary<UInt128, int>();
        var eventIds = new Dictionary<(string Batch, int Place), string>();
        var ambiguous = 0;
        await foreach (var blob in container.GetBlobsAsync(cancellationToken: CancellationToken.None))
        {
            blobs++;
            Assert.True(LakePath.TryParse(blob.Name, out var name), blob.Name);
            await using var content = await container.GetBlobClient(blob.Name).OpenReadAsync(cancellationToken: CancellationToken.None);
            foreach (var line in LinesOf(name.Encoding, content))
            {
                total++;
                lake[Hash(line)] = lake.GetValueOrDefault(Hash(line)) + 1;
                var (batch, place, id) = Parse(line);
                ambiguous += eventIds.TryAdd((batch, place), id) || eventIds[(batch, place)] == id ? 0 : 1;
            }
        }

        ambiguous += eventIds.Count - eventIds.Values.Distinct().Count();

        // 2. The hub, message by message.
        var messages = new List<List<UInt128>>();
        var sent = new Dictionary<UInt128, int>();
        await foreach (var message in hub.ReadAsync())
        {
            var chunk = EventChunk.FromMessage(message).Chunk!;
            var lines = LinesOf(chunk.Encoding, BinaryData.FromBytes(chunk.Body).ToStream()).Select(Hash).ToList();
            messages.Add(lines);
            lines.ForEach(line => sent[line] = sent.GetValueOrDefault(line) + 1);
        }

        // 3. What the clients were told.
        var lost = ledger.Acknowledged.Sum(
            batch => (long)Enumerable.Range(0, batch.Value).Count(place => !eventIds.ContainsKey((batch.Key, place))));

        return new(
            HubMessages: messages.Count,
            Missing: messages.Count(lines => lines.Exists(line => lake.GetValueOrDefault(line) < sent[line])),
            AppendedTwice: messages.Count(lines => lines.Exists(line => lake.GetValueOrDefault(line) > sent[line])),
            Blobs: blobs,
            Lines: total,
            Foreign: lake.Where(line => !sent.ContainsKey(line.Key)).Sum(line => (long)line.Value),
            Duplicates: total - eventIds.Count,
            Lost: lost,
            AmbiguousIds: ambiguous,
            Drained: drained);
    }

    private static IEnumerable<string> LinesOf(ChunkEncoding encoding, Stream compressed)
    {
        using var reader = new StreamReader(encoding.Decompress(compressed));
        while (reader.ReadLine() is { } line)
        {
            yield return line;
        }
    }

    private static UInt128 Hash(string line) => XxHash128.HashToUInt128(Encoding.UTF8.GetBytes(line));

    private static (string Batch, int Place, string Id) Parse(string line)
    {
        using var json = JsonDocument.Parse(line);
        return (
            json.RootElement.GetProperty("session_id").GetString()!,
            int.Parse(json.RootElement.GetProperty("event_name").GetString()!, CultureInfo.InvariantCulture),
            json.RootElement.GetProperty("event_id").GetString()!);
    }
}
