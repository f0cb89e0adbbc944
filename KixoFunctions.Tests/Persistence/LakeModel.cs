using System.Globalization;
using System.Text;
using Azure;
using Azure.Storage.Blobs;
using Azure.Storage.Blobs.Models;
using CsCheck;
using Kixo.Persistence;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Options;
using Microsoft.Extensions.Time.Testing;

namespace Kixo.Tests.Persistence;

/// <summary>
/// One partition of a hub, three instances of the app that own it in turn or think so, and what the lake has to hold in the end:
/// each message once, in order.
/// </summary>
internal sealed class LakeModel
{
    private const int Owners = 3;

    private static readonly Gen<Interruption> AnyFault = Gen.Select(
        Gen.Frequency((8, Gen.Const(Fault.None)), (2, Gen.OneOf(Fault.RequestLost, Fault.AnswerLost, Fault.Late, Fault.Interrupted))),
        Gen.Int[0, Owners - 1], Gen.Int[0, 6], Gen.Int[1, 6],
        (fault, owner, back, count) => new Interruption(fault, owner, back, count));

    /// <summary>Any sequence of what can happen.</summary>
    public static readonly Gen<Step[]> AnySteps = Gen.Select(
        Gen.Frequency(
            (5, Gen.Const(Happening.Sent)), (6, Gen.Const(Happening.Delivered)), (3, Gen.Const(Happening.TriedAgain)),
            (1, Gen.Const(Happening.Restarted)), (2, Gen.Const(Happening.HubMadeAgain)), (1, Gen.Const(Happening.Idle))),
        Gen.Int[0, Owners - 1], Gen.Int[0, 6], Gen.Int[1, 6], Gen.Int, AnyFault.Array[0, 12],
        (what, owner, back, count, seed, faults) => new Step(what, owner, back, count, seed, faults)).Array[1, 40];

    private readonly FakeTimeProvider _time = new();
    private readonly FaultyNetwork _network;
    private readonly Func<BlobClientOptions, BlobServiceClient> _connect;
    private readonly string _project = $"p{Guid.NewGuid():N}";
    private readonly Owner[] _owners;
    private readonly Queue<Interruption> _faults = [];
    private readonly Dictionary<string, StringBuilder> _expected = [];

    private List<HubMessage> _hub = [];
    private DateTimeOffset _clock = new(2026, 4, 8, 12, 0, 0, TimeSpan.Zero);
    private int _sent;
    private int _done;

    public LakeModel(HttpMessageHandler storage, Func<BlobClientOptions, BlobServiceClient> connect)
    {
        _network = new(storage) { Next = NextFaultAsync };
        _connect = connect;
        _owners = [.. Enumerable.Range(0, Owners).Select(_ => new Owner())];
        Array.ForEach(_owners, owner => Restart(owner, seed: 0));
    }

    public enum Happening
    {
        /// <summary>The hub takes messages.</summary>
        Sent,

        /// <summary>An instance gets messages from the checkpoint, or from before it.</summary>
        Delivered,

        /// <summary>An instance tries its last batch again, whoever owns the partition by now, and whatever became of the batch.</summary>
        TriedAgain,

        /// <summary>An instance starts anew, with other limits.</summary>
        Restarted,

        /// <summary>The hub is deleted, once all of it was appended, and made again: it counts from 0.</summary>
        HubMadeAgain,

        /// <summary>Long enough for instances to forget what they knew of blobs.</summary>
        Idle,
    }

    public async Task RunAsync(Step[] steps)
    {
        foreach (var step in steps)
        {
            _faults.Clear();
            Array.ForEach(step.Faults, _faults.Enqueue);
            await RunAsync(step);
        }

        await DrainAsync();
        await _network.SettleAsync();
        Assert.Equal(_expected.ToDictionary(it => it.Key, it => it.Value.ToString()), await StoredAsync());
    }

    private async Task RunAsync(Step step)
    {
        var owner = _owners[step.Owner];
        switch (step.What)
        {
            case Happening.Sent:
                Send(step.Count, step.Seed);
                break;
            case Happening.Delivered:
                await DeliverAsync(owner, step.Back, step.Count);
                break;
            case Happening.TriedAgain:
                await TryAgainAsync(owner);
                break;
            case Happening.Restarted:
                Restart(owner, step.Seed);
                break;
            case Happening.HubMadeAgain:
                await DrainAsync();
                (_hub, _done, _clock) = ([], 0, _clock.AddSeconds(2));
                break;
            case Happening.Idle:
                _time.Advance(TimeSpan.FromMinutes(11));
                break;
        }
    }

    private void Send(int count, int seed)
    {
        var random = new Random(seed);
        for (var i = 0; i < count; i++)
        {
            // Messages share milliseconds, and now and then the broker's clock steps back.
            _clock = _clock.AddMilliseconds(random.Next(-1, 3));
            var received = new DateTime(2026, 4, 8, random.Next(12, 14), 59, 59, DateTimeKind.Utc);
            var environment = random.Next(2) == 0 ? "production" : "staging";
            var line = string.Create(CultureInfo.InvariantCulture, $"{++_sent}\n");
            var folder = LakePath.HourFolder(_project, environment, received);
            (_expected.TryGetValue(folder, out var lines) ? lines : _expected[folder] = new()).Append(line);
            _hub.Add(new("1", _hub.Count, _clock, new EventChunk(_project, environment, received, 1, ChunkEncoding.Zstd, Encoding.UTF8.GetBytes(line))));
        }
    }

    private async Task DeliverAsync(Owner owner, int back, int count)
    {
        var from = Math.Max(0, _done - back);
        owner.Batch = (_hub, from, Math.Min(count, _hub.Count - from));
        await TryAgainAsync(owner);
    }

    private async Task TryAgainAsync(Owner owner)
    {
        if (owner.Batch is not var (hub, from, count) || count == 0)
        {
            return;
        }

        owner.Busy = true;
        try
        {
            await owner.Lake!.AppendAsync(hub.GetRange(from, count), CancellationToken.None);
        }
        catch (Exception e) when (e is RequestFailedException or AggregateException)
        {
            return;
        }
        finally
        {
            owner.Busy = false;
        }

        if (hub == _hub)
        {
            _done = Math.Max(_done, from + count);
        }
    }

    private async Task DrainAsync()
    {
        _faults.Clear();
        await DeliverAsync(_owners[0], 0, int.MaxValue);
        Assert.Equal(_hub.Count, _done);
    }

    private void Restart(Owner owner, int seed)
    {
        var random = new Random(seed);
        var options = new LakeOptions { MaxBlocksPerBlob = random.Next(1, 6), MaxBlobBytes = random.Next(1, 40), Parallelism = 1 };
        owner.Lake = new(_connect(_network.Options(tries: random.Next(1, 3))), Options.Create(options), _time, NullLogger<EventLake>.Instance);
        owner.Batch = null;
    }

    private async Task<Fault> NextFaultAsync()
    {
        if (!_faults.TryDequeue(out var it))
        {
            return Fault.None;
        }

        // An instance does one thing at a time.
        if (it.Fault == Fault.Interrupted && _owners[it.Owner] is { Busy: false } other)
        {
            await DeliverAsync(other, it.Back, it.Count);
        }

        return it.Fault;
    }

    /// <summary>Folders, and their lines in the order of the blobs' numbers.</summary>
    private async Task<Dictionary<string, string>> StoredAsync()
    {
        var container = _connect(_network.Options(tries: 1)).GetBlobContainerClient(LakePath.Container);
        var blobs = new List<(string Folder, int Number, string Name)>();
        await foreach (var blob in container.GetBlobsAsync(BlobTraits.None, BlobStates.None, LakePath.ProjectFolder(_project), CancellationToken.None))
        {
            Assert.True(LakePath.TryParse(blob.Name, out var name));
            blobs.Add((blob.Name[..(blob.Name.LastIndexOf('/') + 1)], name.Number, blob.Name));
        }

        var stored = new Dictionary<string, string>();
        foreach (var (folder, _, name) in blobs.OrderBy(blob => blob.Number))
        {
            var content = (await container.GetBlobClient(name).DownloadContentAsync(CancellationToken.None)).Value.Content;
            stored[folder] = stored.GetValueOrDefault(folder) + content;
        }

        return stored;
    }

    public sealed record Step(Happening What, int Owner, int Back, int Count, int Seed, Interruption[] Faults)
    {
        public override string ToString() => $"{What}({Owner},{Back},{Count},{Seed})[{string.Join(' ', Faults.Select(fault => fault.ToString()))}]";
    }

    /// <param name="Owner">Who interrupts with a delivery, and of what: the rest is for that.</param>
    public sealed record Interruption(Fault Fault, int Owner, int Back, int Count)
    {
        public override string ToString() => Fault == Fault.Interrupted ? $"{Fault}({Owner},{Back},{Count})" : $"{Fault}";
    }

    private sealed class Owner
    {
        public EventLake? Lake { get; set; }

        public (List<HubMessage> Hub, int From, int Count)? Batch { get; set; }

        public bool Busy { get; set; }
    }
}
