using BenchmarkDotNet.Attributes;
using Kixo.Batches;
using Kixo.Benchmarks.Naive;
using Microsoft.Extensions.Options;

namespace Kixo.Benchmarks.Batches;

/// <summary>From the body of a batch of 1,000 events to what is sent: as a tutorial has it, and as the app does it. Times are for one event.</summary>
public class BatchBenchmarks
{
    private readonly byte[] _body = Sample.Body();
    private readonly EventReader _reader = new(Sample.Time, Options.Create(new BatchOptions()));

    /// <summary>One JSON message an event: 1,000 messages.</summary>
    [Benchmark(Baseline = true, OperationsPerInvoke = Sample.Events)]
    public int Naive() => NaiveIngest.Messages(_body, Sample.ReceivedAt).Count;

    /// <summary>One gzipped message an event: 1,000 messages.</summary>
    [Benchmark(OperationsPerInvoke = Sample.Events)]
    public int NaiveCompressed() => NaiveIngest.CompressedMessages(_body, Sample.ReceivedAt).Count;

    /// <summary>One gzipped message for all.</summary>
    [Benchmark(OperationsPerInvoke = Sample.Events)]
    public int NaivePacked() => NaiveIngest.Packed(_body, Sample.ReceivedAt).Length;

    /// <summary>Parsed, validated, enriched: lines.</summary>
    [Benchmark(OperationsPerInvoke = Sample.Events)]
    public int Kixo()
    {
        using var lines = Read();
        return lines.Accepted;
    }

    /// <summary>The lines as one zstd frame: one message.</summary>
    [Benchmark(OperationsPerInvoke = Sample.Events)]
    public int KixoPacked()
    {
        using var lines = Read();
        using var chunk = ChunkEncoding.Zstd.Compress(lines.Lines.Span);
        return chunk.Length;
    }

    private EventLines Read()
    {
        var envelope = EnvelopeReader.Read(_body).Envelope!;
        return _reader.Read(_body, envelope).Lines!;
    }
}
