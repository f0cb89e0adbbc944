using Kixo.Batches;
using Kixo.Benchmarks;
using Kixo.Benchmarks.Http;
using Kixo.Publishing;
using Kixo.Tests.Support;
using Microsoft.Extensions.Options;

namespace Kixo.Tests.Functions;

/// <summary>What a request allocates does not grow with its events.</summary>
[Collection(nameof(RunsAlone))]
public sealed class AllocationTests
{
    [Theory]
    [InlineData(10)]
    [InlineData(1_000)]
    public void Reader_and_packer_allocate_less_than_1_KB_a_batch(int events)
    {
        var body = Sample.Body(events);
        var reader = new EventReader(Sample.Time, Options.Create(new BatchOptions()));

        Assert.InRange(LeastOf(50, Allocated), 0, 1_024);

        long Allocated()
        {
            var before = GC.GetAllocatedBytesForCurrentThread();
            var envelope = EnvelopeReader.Read(body).Envelope!;
            using var lines = reader.Read(body, envelope).Lines!;
            foreach (var (packed, _) in ChunkPacker.Pack(lines.Lines.Span, lines.Accepted, ChunkEncoding.Zstd, 1_000_000))
            {
                packed.Dispose();
            }

            return GC.GetAllocatedBytesForCurrentThread() - before;
        }
    }

    [Theory]
    [InlineData(10)]
    [InlineData(1_000)]
    public async Task A_request_allocates_less_than_8_KB_from_socket_to_answer(int events)
    {
        await using var server = await Server.StartAppAsync();
        var body = Sample.Body(events);

        Assert.InRange(LeastOf(5, () => HttpComparison.AllocatedPerRequest(server, body, requests: 50)), 0, 8_192);
    }

    // What else the process does, and pools that a collection has emptied, come on top of some.
    private static long LeastOf(int times, Func<long> measure) => Enumerable.Range(0, times).Select(_ => measure()).Min();
}
