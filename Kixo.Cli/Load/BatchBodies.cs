using System.Collections.Concurrent;
using System.Globalization;
using System.IO.Compression;
using System.Net.Http.Headers;
using System.Text;
using System.Text.Json;
using ZstdSharp;

namespace Kixo.Cli.Load;

/// <summary>Makes the bodies of a load's requests from a ring of events that were made before it began.</summary>
internal sealed class BatchBodies
{
    private const int Samples = 16;
    private const int ZstdLevel = 3; // its own default

    private static readonly MediaTypeHeaderValue Json = new("application/json");

    private readonly LoadOptions _options;
    private readonly NumberedEvents[] _samples;
    private readonly ConcurrentBag<NumberedEvents> _free;

    public BatchBodies(LoadOptions options, string run, DateTime now)
    {
        _options = options;
        _samples = [.. Enumerable.Range(0, Samples).Select(seed => NumberedEvents.Create(new SampleBatches(seed).Next("", "", now, options.Events), run))];
        _free = [.. _samples.Select(sample => sample.Copy())];
    }

    /// <summary>Events that one request alone may number; to be given back when it has been answered.</summary>
    public NumberedEvents Rent() => _free.TryTake(out var events) ? events : Random.Shared.GetItems(_samples, 1)[0].Copy();

    public void Return(NumberedEvents events) => _free.Add(events);

    /// <param name="number">Of the batch, in the ids of its events.</param>
    public HttpContent Create(Sender sender, NumberedEvents events, int number, DateTime sentAt)
    {
        var sent = sentAt.ToString("yyyy-MM-dd'T'HH:mm:ss.fff'Z'", CultureInfo.InvariantCulture);
        var head = Encoding.UTF8.GetBytes(
            $$"""{"project_id":"{{JsonEncodedText.Encode(sender.ProjectId)}}","api_key":"{{JsonEncodedText.Encode(sender.ApiKey)}}","bundle_id":"com.example.shop","platform":"ios","environment":"{{_options.Environment}}","sent_at":"{{sent}}","batch":""");
        HttpContent content = _options.Compression == LoadCompression.None
            ? new TwoPartContent(head, events.Number(number))
            : Compressed(head, events.Number(number));
        content.Headers.ContentType = Json;
        return content;
    }

    private ByteArrayContent Compressed(byte[] head, ReadOnlyMemory<byte> events)
    {
        var bytes = new MemoryStream(events.Length / 4);
        using (Stream compressor = _options.Compression == LoadCompression.Gzip
            ? new GZipStream(bytes, CompressionLevel.Fastest, leaveOpen: true)
            : new CompressionStream(bytes, ZstdLevel))
        {
            compressor.Write(head);
            compressor.Write(events.Span);
        }

        var content = new ByteArrayContent(bytes.GetBuffer(), 0, (int)bytes.Length);
        content.Headers.ContentEncoding.Add(_options.Compression == LoadCompression.Gzip ? "gzip" : "zstd");
        return content;
    }
}
