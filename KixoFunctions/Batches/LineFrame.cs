using System.Buffers;
using System.Text.Encodings.Web;
using System.Text.Json;

namespace Kixo.Batches;

/// <summary>
/// What is the same in every line of a batch, written once. Its memory is used again for the next batch: one batch at a time.
/// </summary>
internal sealed class LineFrame
{
    private static readonly JsonWriterOptions Options = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    private readonly ArrayBufferWriter<byte> _bytes = new(512);
    private int _senderLength;

    /// <summary>What is added to each timestamp: the client's clock drift, or zero when it is tolerated or unknown.</summary>
    public TimeSpan Correction { get; private set; }

    /// <summary>The members from <c>project_id</c> to <c>environment</c>.</summary>
    public ReadOnlySpan<byte> Sender => _bytes.WrittenSpan[1.._senderLength];

    /// <summary>The members from <c>sent_at</c> to <c>clock_drift_ms</c>, with the comma before them.</summary>
    public ReadOnlySpan<byte> Times => _bytes.WrittenSpan[_senderLength..];

    public int Length => _bytes.WrittenCount;

    /// <summary>Begins the next batch.</summary>
    public void Start(BatchEnvelope envelope, DateTime receivedAt, TimeSpan clockTolerance)
    {
        var drift = receivedAt - envelope.SentAt;
        Correction = drift?.Duration() > clockTolerance ? drift.Value : TimeSpan.Zero;

        _bytes.ResetWrittenCount();
        using var json = new Utf8JsonWriter(_bytes, Options);
        json.WriteStartObject();
        json.WriteString("project_id"u8, envelope.ProjectId);
        json.WriteString("bundle_id"u8, envelope.BundleId);
        json.WriteString("platform"u8, envelope.Platform);
        json.WriteString("environment"u8, envelope.Environment);
        json.Flush();
        _senderLength = _bytes.WrittenCount;
        if (envelope.SentAt is DateTime sentAt)
        {
            WriteTime(json, "sent_at"u8, sentAt);
        }

        WriteTime(json, "received_at"u8, receivedAt);
        if (drift is TimeSpan known)
        {
            json.WriteNumber("clock_drift_ms"u8, (long)known.TotalMilliseconds);
        }

        json.Flush();
    }

    private static void WriteTime(Utf8JsonWriter json, ReadOnlySpan<byte> name, DateTime utc)
    {
        Span<byte> text = stackalloc byte[Timestamp.StoredLength];
        Timestamp.Write(utc, text);
        json.WriteString(name, text);
    }
}
