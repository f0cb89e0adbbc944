using System.Globalization;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;

namespace Kixo.Batches;

/// <summary>What is the same in every line of a batch, written once.</summary>
internal readonly struct LineFrame
{
    /// <summary>From behind the event's id to the value of <c>event_type</c>.</summary>
    public readonly byte[] BehindId;

    /// <summary>From behind <c>original_timestamp</c> to the event's own members.</summary>
    public readonly byte[] BehindTimestamps;

    /// <summary>What is added to each timestamp: the client's clock drift, or zero when it is tolerated or unknown.</summary>
    public readonly TimeSpan Correction;

    public readonly string ProjectId;

    public LineFrame(BatchEnvelope envelope, DateTime receivedAt, TimeSpan clockTolerance)
    {
        ProjectId = envelope.ProjectId;
        BehindId = Encoding.UTF8.GetBytes(
            $"\",\"project_id\":{Json(envelope.ProjectId)},\"bundle_id\":{Json(envelope.BundleId)},\"platform\":\"{envelope.Platform}\",\"environment\":\"{envelope.Environment}\",\"event_type\":");

        var drift = envelope.SentAt is DateTime sentAt ? receivedAt - sentAt : (TimeSpan?)null;
        Correction = drift?.Duration() > clockTolerance ? drift.Value : TimeSpan.Zero;
        var sent = drift is null ? "" : $",\"sent_at\":\"{Text(envelope.SentAt!.Value)}\"";
        var driftMs = drift is null ? "" : string.Create(CultureInfo.InvariantCulture, $",\"clock_drift_ms\":{(long)drift.Value.TotalMilliseconds}");
        BehindTimestamps = Encoding.UTF8.GetBytes($"{sent},\"received_at\":\"{Text(receivedAt)}\"{driftMs}");
    }

    private static string Json(string text) => $"\"{JsonEncodedText.Encode(text, JavaScriptEncoder.UnsafeRelaxedJsonEscaping)}\"";

    private static string Text(DateTime utc)
    {
        Span<byte> text = stackalloc byte[Timestamp.StoredLength];
        Timestamp.Write(utc, text);
        return Encoding.ASCII.GetString(text);
    }
}
