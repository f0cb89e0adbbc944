using Kixo.Batches;
using Kixo.Benchmarks.Naive;
using Microsoft.Extensions.Options;

namespace Kixo.Benchmarks;

/// <summary>Bytes an event on each way's wire to the hub.</summary>
internal static class Sizes
{
    public static void Print(TextWriter output)
    {
        output.WriteLine($"{"events a batch",-32}{10,10:N0}{100,10:N0}{1_000,10:N0}");
        Print("as sent", body => body.Length);
        Print("naive", body => NaiveIngest.Messages(body, Sample.ReceivedAt).Sum(message => message.Length));
        Print("naive, compressed", body => NaiveIngest.CompressedMessages(body, Sample.ReceivedAt).Sum(message => message.Length));
        Print("naive, packed", body => NaiveIngest.Packed(body, Sample.ReceivedAt).Length);
        Print("Kixo, lines", body => Lines(body, lines => lines.Length));
        Print("Kixo, zstd", body => Lines(body, lines => Compressed(lines, ChunkEncoding.Zstd)));
        Print("Kixo, gzip", body => Lines(body, lines => Compressed(lines, ChunkEncoding.Gzip)));

        void Print(string what, Func<byte[], int> bytes)
        {
            output.WriteLine($"{what,-32}{Of(10),10:N1}{Of(100),10:N1}{Of(1_000),10:N1}");

            double Of(int events) => (double)bytes(Sample.Body(events)) / events;
        }
    }

    private static int Lines(byte[] body, Func<ReadOnlyMemory<byte>, int> measure)
    {
        using var lines = new EventReader(Sample.Time, Options.Create(new BatchOptions())).Read(body, EnvelopeReader.Read(body).Envelope!).Lines!;
        return measure(lines.Lines);
    }

    private static int Compressed(ReadOnlyMemory<byte> lines, ChunkEncoding encoding)
    {
        using var compressed = encoding.Compress(lines.Span);
        return compressed.Length;
    }
}
