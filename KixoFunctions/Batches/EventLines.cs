namespace Kixo.Batches;

/// <summary>What became of a batch's events: the accepted ones as NDJSON lines, the rejected ones as findings.</summary>
/// <param name="lines">All lines, each with its line break; no other line breaks.</param>
/// <param name="accepted">How many lines.</param>
/// <param name="rejected">How many events are not among them.</param>
/// <param name="rejections">How many were rejected for each code.</param>
/// <param name="errors">The first <see cref="BatchLimits.MaxReportedErrors"/> findings, in the order of the events.</param>
internal sealed class EventLines(
    PooledBuffer lines, int accepted, int rejected, IReadOnlyList<KeyValuePair<string, int>> rejections, IReadOnlyList<FieldError> errors) : IDisposable
{
    public ReadOnlyMemory<byte> Lines => lines.Written;

    public int Accepted => accepted;

    public int Rejected => rejected;

    public IReadOnlyList<KeyValuePair<string, int>> Rejections => rejections;

    public IReadOnlyList<FieldError> Errors => errors;

    public void Dispose() => lines.Dispose();
}
