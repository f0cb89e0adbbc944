using Kixo.Batches;
using Kixo.Benchmarks.Naive;
using Microsoft.Extensions.Options;

namespace Kixo.Benchmarks;

/// <summary>Bytes an event on each way's wire to the hub.</summary>
internal static class Sizes
{
    public static void Print(TextWriter output)
    {
        var body = Sample.Body();
        using var lines = new EventReader(Sample.Time, Options.Create(new BatchOptions())).Read(body, EnvelopeReader.Read(body).Envelope!).Lines!;
        using var zstd = ChunkEncoding.Zstd.Compress(lines.Lines.Span);
        using var gzip = ChunkEncoding.Gzip.Compress(lines.Lines.Span);
        Print("as sent", body.Length);
        Print("naive", NaiveIngest.Messages(body, Sample.ReceivedAt).Sum(message => message.Length));
        Print("naive, a gzip message an event", NaiveIngest.CompressedMessages(body, Sample.ReceivedAt).Sum(message => message.Length));
        Print("naive, packed", NaiveIngest.Packed(body, Sample.ReceivedAt).Length);
        Print("Kixo, lines", lines.Lines.Length);
        Print("Kixo, zstd", zstd.Length);
        Print("Kixo, gzip", gzip.Length);

        void Print(string what, int bytes) => output.WriteLine($"{what,-32} {(double)bytes / Sample.Events,8:N1} bytes an event");
    }
}
