using System.Globalization;
using System.IO.Hashing;
using System.Text;
using System.Text.Json;
using Azure.Storage.Blobs;
using Kixo.Cli.Lake;
using Kixo.Cli.Verify;
using Kixo.Persistence;
using Kixo.Tests.Support;

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
/// <param name="Defects">What <c>kixo verify</c> finds, the duplicates apart: watermarks that went back, broken frames, lines in a wrong folder.</param>
/// <param name="AmbiguousIds">Events with two ids, and ids of two events.</param>
/// <param name="Drained">How long that took.</param>
internal sealed record Audit(
    int HubMessages, int Missing, int AppendedTwice, int Blobs, long Lines, long Foreign, long Duplicates, long Lost, long Defects, int AmbiguousIds, TimeSpan Drained)
{
    private static readonly TimeSpan Grace = TimeSpan.FromSeconds(15);

    public bool IsClean => (Missing, AppendedTwice, Foreign, Lost, Defects, AmbiguousIds) == default;

    /// <summary>Looks until all is stored once, or until it must be and is not.</summary>
    /// <remarks>
    /// What the checkpoints say is not enough to go by: one of an owner who was held up may come late and set the partition back,
    /// as with the official host. Nothing is lost by that, for what is delivered again is skipped.
    /// </remarks>
    public static async Task<Audit> OfAsync(ChaosStack stack, Ledger ledger)
    {
        var start = TimeProvider.System.GetTimestamp();
        var hub = new HubContent(stack.HubDirectly, stack.StorageDirectly);
        while (true)
        {
            var isDone = await hub.LagAsync() == 0;
            var audit = await LookAsync(hub, new BlobContainerClient(stack.StorageDirectly, LakePath.Container), ledger);
            var elapsed = TimeProvider.System.GetElapsedTime(start);
            if (audit.IsClean || elapsed > (isDone ? Grace : ChaosOptions.Patience))
            {
                return audit with { Drained = elapsed };
            }

            await Task.Delay(TimeSpan.FromSeconds(1), TimeProvider.System, CancellationToken.None);
        }
    }

    private static async Task<Audit> LookAsync(HubContent hub, BlobContainerClient container, Ledger ledger)
    {
        // 1. The lake: how often each line is there, and what events they are.
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

        // 4. What anyone can check.
        using var folder = new TestFolder();
        var verified = await new LakeVerifier(container, new LakeListing(container, new LakeScope()), folder.Path).VerifyAsync(CancellationToken.None);

        return new(
            HubMessages: messages.Count,
            Missing: messages.Count(lines => lines.Exists(line => lake.GetValueOrDefault(line) < sent[line])),
            AppendedTwice: messages.Count(lines => lines.Exists(line => lake.GetValueOrDefault(line) > sent[line])),
            Blobs: blobs,
            Lines: total,
            Foreign: lake.Where(line => !sent.ContainsKey(line.Key)).Sum(line => (long)line.Value),
            Duplicates: total - eventIds.Count,
            Lost: lost,
            Defects: verified.DefectCount,
            AmbiguousIds: ambiguous,
            Drained: default);
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
