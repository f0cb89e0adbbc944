using System.Text.Unicode;
using BenchmarkDotNet.Attributes;
using Kixo.Batches;
using Kixo.Persistence;
using Microsoft.Extensions.Options;

namespace Kixo.Benchmarks.Batches;

/// <summary>Each stage of a batch of 1,000 events apart. Times are for one event.</summary>
public class StageBenchmarks
{
    private readonly byte[] _body = Sample.Body();
    private readonly EventReader _reader = new(Sample.Time, Options.Create(new BatchOptions()));
    private readonly EventIds _ids = new();
    private readonly BatchEnvelope _envelope;
    private readonly byte[] _lines;
    private readonly EventChunk _chunk;

    public StageBenchmarks()
    {
        _envelope = EnvelopeReader.Read(_body).Envelope!;
        using var lines = _reader.Read(_body, _envelope).Lines!;
        _lines = lines.Lines.ToArray();
        using var chunk = ChunkEncoding.Zstd.Compress(_lines);
        _chunk = new(Sample.Project, "production", Sample.ReceivedAt.UtcDateTime, Sample.Events, ChunkEncoding.Zstd, chunk.Written.ToArray());
    }

    /// <summary>Part of the envelope's time: that the body is UTF-8.</summary>
    [Benchmark(OperationsPerInvoke = Sample.Events)]
    public bool Utf8Check() => Utf8.IsValid(_body);

    /// <summary>Part of the envelope's time: where the events end, and how many there are.</summary>
    [Benchmark(OperationsPerInvoke = Sample.Events)]
    public int Scan()
    {
        ArrayScanner.TryMeasure(_body.AsSpan(_envelope.Events), out _, out var count);
        return count;
    }

    [Benchmark(OperationsPerInvoke = Sample.Events)]
    public int Envelope() => EnvelopeReader.Read(_body).Envelope!.EventCount;

    /// <summary>Part of the events' time: their ids.</summary>
    [Benchmark(OperationsPerInvoke = Sample.Events)]
    public byte Ids()
    {
        Span<byte> id = stackalloc byte[EventIds.Length];
        _ids.Start(Sample.Project);
        var length = _body.Length / Sample.Events;
        for (var i = 0; i < Sample.Events; i++)
        {
            _ids.WriteNext(_body.AsSpan(i * length, length), id);
        }

        return id[0];
    }

    [Benchmark(OperationsPerInvoke = Sample.Events)]
    public int Events()
    {
        using var lines = _reader.Read(_body, _envelope).Lines!;
        return lines.Accepted;
    }

    [Benchmark(OperationsPerInvoke = Sample.Events)]
    public int Zstd()
    {
        using var chunk = ChunkEncoding.Zstd.Compress(_lines);
        return chunk.Length;
    }

    [Benchmark(OperationsPerInvoke = Sample.Events)]
    public int Gzip()
    {
        using var chunk = ChunkEncoding.Gzip.Compress(_lines);
        return chunk.Length;
    }

    /// <summary>On the way out of the hub: that the chunk is whole, before it is appended to the lake.</summary>
    [Benchmark(OperationsPerInvoke = Sample.Events)]
    public bool Verify() => ChunkVerifier.Problem(_chunk) is null;
}
