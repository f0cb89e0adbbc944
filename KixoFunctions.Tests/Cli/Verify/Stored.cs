using System.Text;
using Kixo.Batches;
using Kixo.Persistence;
using Kixo.Tests.Support;
using Microsoft.Extensions.Options;
using Microsoft.Extensions.Time.Testing;

namespace Kixo.Tests.Cli.Verify;

/// <summary>Lines and blobs of the event lake as the app writes them.</summary>
internal static class Stored
{
    /// <summary>What the name of the blob says that the lines belong in.</summary>
    public static readonly LakeName Name = new(Some.Project, "production", Some.Time, "0", 0, ChunkEncoding.Zstd);

    /// <summary>Lines with these ids.</summary>
    public static byte[] WithIds(params IEnumerable<string> ids) => WithIds(Some.Time, ids);

    public static byte[] WithIds(DateTime receivedAt, IEnumerable<string> ids) =>
        LinesOf(Some.Batch([.. ids.Select(id => Some.Event(("event_id", $"\"{id}\"")))]), receivedAt);

    public static byte[] LinesOf(byte[] body, DateTime? receivedAt = null)
    {
        var time = new FakeTimeProvider(new DateTimeOffset(receivedAt ?? Some.Time));
        using var lines = new EventReader(time, Options.Create(new BatchOptions())).Read(body, EnvelopeReader.Read(body).Envelope!).Lines;
        return lines!.Lines.ToArray();
    }

    public static byte[] Frame(byte[] lines, ChunkEncoding encoding = ChunkEncoding.Zstd)
    {
        using var frame = encoding.Compress(lines);
        return frame.Written.ToArray();
    }

    public static IEnumerable<byte[]> Split(byte[] lines) =>
        Encoding.UTF8.GetString(lines).Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(Encoding.UTF8.GetBytes);
}
