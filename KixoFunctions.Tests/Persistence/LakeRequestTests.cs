using System.Text;
using Azure;
using Azure.Core.Pipeline;
using Azure.Storage.Blobs;
using Azure.Storage.Blobs.Models;
using Azure.Storage.Blobs.Specialized;
using Kixo.Persistence;
using Kixo.Tests.Support;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Options;
using Microsoft.Extensions.Time.Testing;

namespace Kixo.Tests.Persistence;

/// <summary>What the lake asks of Blob Storage.</summary>
public sealed class LakeRequestTests
{
    private static readonly string[] Append = ["PUT block", "PUT blocklist"];
    private static readonly string[] Load = ["GET list", "HEAD", "GET blocklist"];

    private readonly MemoryBlobService _storage = new();
    private readonly FaultyNetwork _network;
    private readonly FakeTimeProvider _time = new();

    public LakeRequestTests() => _network = new(_storage);

    [Fact]
    public async Task Once_a_blob_is_known_it_is_written_and_never_read()
    {
        var lake = Lake();

        Assert.Equal(["GET list", .. Append], await RequestsAsync(lake, 1));
        Assert.Equal(Append, await RequestsAsync(lake, 2));
        Assert.Equal(Append, await RequestsAsync(lake, 3));
        Assert.Equal([], await RequestsAsync(lake, 3));
    }

    [Fact]
    public async Task A_new_owner_reads_once()
    {
        await RequestsAsync(Lake(), 1);
        var lake = Lake();

        Assert.Equal([.. Load, .. Append], await RequestsAsync(lake, 2));
        Assert.Equal(Append, await RequestsAsync(lake, 3));
    }

    [Fact]
    public async Task Who_lost_a_race_reads_once_and_appends_only_what_is_missing()
    {
        var (one, other) = (Lake(), Lake());
        await RequestsAsync(one, 1);
        await RequestsAsync(other, 2);

        Assert.Equal([.. Append, .. Load, .. Append], await RequestsAsync(one, 2, 3));
        Assert.Equal(Append, await RequestsAsync(one, 4));
        Assert.Equal([.. Append, .. Load], await RequestsAsync(other, 3, 4));
    }

    [Fact]
    public async Task After_a_failure_it_reads_once_since_the_commit_may_have_taken_effect()
    {
        var lake = Lake();
        await RequestsAsync(lake, 1);
        Queue<Fault> faults = new([Fault.None, Fault.AnswerLost]);
        _network.Next = () => Task.FromResult(faults.TryDequeue(out var fault) ? fault : Fault.None);
        await Assert.ThrowsAsync<RequestFailedException>(() => RequestsAsync(lake, 2));

        Assert.Equal(Load, await RequestsAsync(lake, 2));
        Assert.Equal(Append, await RequestsAsync(lake, 3));
    }

    [Fact]
    public async Task The_next_blob_begins_without_reading()
    {
        var lake = Lake(new() { MaxBlocksPerBlob = 1 });
        await RequestsAsync(lake, 1);

        Assert.Equal(Append, await RequestsAsync(lake, 2));
    }

    [Fact]
    public async Task What_was_known_of_a_blob_that_is_not_written_to_is_forgotten()
    {
        var lake = Lake();
        await RequestsAsync(lake, 1);
        _time.Advance(TimeSpan.FromMinutes(11));

        Assert.Equal([.. Load, .. Append], await RequestsAsync(lake, 2));
    }

    [Theory]
    [InlineData(3, 12 << 20, 2)]
    [InlineData(2, 33 << 20, 2)]
    [InlineData(1, 33 << 20, 1)]
    [InlineData(64, 1 << 10, 1)]
    public async Task Chunks_go_into_few_blocks_and_one_over_the_size_of_a_block_into_its_own(int chunks, int bytes, int blocks)
    {
        var messages = Enumerable.Range(1, chunks).Select(sequence => Message(sequence, new byte[bytes])).ToArray();

        await Lake().AppendAsync(messages, CancellationToken.None);

        var blob = Service().GetBlobContainerClient(LakePath.Container).GetBlockBlobClient(LakePath.Blob(
            LakePath.HourFolder(Some.Project, "production", Some.Time), "1", 0, ChunkEncoding.Zstd));
        var stored = (await blob.GetBlockListAsync(BlockListTypes.Committed)).Value.CommittedBlocks.ToList();
        Assert.Equal((blocks, (long)chunks * bytes), (stored.Count, stored.Sum(block => block.SizeLong)));
    }

    [Theory]
    [InlineData(1)]
    [InlineData(3)]
    public async Task Blobs_of_one_invocation_are_written_side_by_side_up_to_a_bound(int parallelism)
    {
        using var crowd = new Crowd(_storage, parallelism);
        var service = new BlobServiceClient(new Uri("http://memory"), new BlobClientOptions { Transport = new HttpClientTransport(crowd) });
        var messages = Enumerable.Range(1, 12).Select(sequence => Message(sequence, "x"u8.ToArray(), $"project{sequence}")).ToArray();

        var appended = await Lake(new() { Parallelism = parallelism }, service).AppendAsync(messages, CancellationToken.None);

        Assert.Equal(new Appended(12, 12, 0), appended);
        Assert.Equal(parallelism, crowd.Most);
    }

    private BlobServiceClient Service() => new(new Uri("http://memory"), _network.Options(tries: 1));

    private EventLake Lake(LakeOptions? options = null, BlobServiceClient? service = null) =>
        new(service ?? Service(), Options.Create(options ?? new()), _time, NullLogger<EventLake>.Instance);

    private async Task<IReadOnlyList<string>> RequestsAsync(EventLake lake, params int[] sequences)
    {
        _network.Requests.Clear();
        await lake.AppendAsync([.. sequences.Select(sequence => Message(sequence, Encoding.UTF8.GetBytes($"{sequence}\n")))], CancellationToken.None);
        return [.. _network.Requests];
    }

    private static HubMessage Message(int sequence, byte[] body, string project = Some.Project) =>
        new("1", sequence, new DateTimeOffset(Some.Time), new EventChunk(project, "production", Some.Time, 1, ChunkEncoding.Zstd, body));

    /// <summary>Holds the first requests until there are as many as expected, and counts how many there are at a time.</summary>
    private sealed class Crowd(HttpMessageHandler storage, int expected) : DelegatingHandler(storage)
    {
        private readonly Lock _lock = new();
        private readonly TaskCompletionSource _complete = new(TaskCreationOptions.RunContinuationsAsynchronously);
        private int _running;

        public int Most { get; private set; }

        protected override async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
        {
            lock (_lock)
            {
                Most = Math.Max(Most, ++_running);
                if (_running == expected)
                {
                    _complete.TrySetResult();
                }
            }

            try
            {
                await _complete.Task.WaitAsync(TimeSpan.FromSeconds(30), TimeProvider.System, cancellationToken);
                return await base.SendAsync(request, cancellationToken);
            }
            finally
            {
                lock (_lock)
                {
                    _running--;
                }
            }
        }
    }
}
