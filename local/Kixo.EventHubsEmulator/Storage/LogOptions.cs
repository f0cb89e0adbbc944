namespace Kixo.EventHubsEmulator.Storage;

/// <summary>How a partition keeps its events.</summary>
internal sealed record LogOptions
{
    private const long MaxSegmentBytes = 64 * 1024 * 1024;
    private const long MinSegmentBytes = 64 * 1024;

    /// <summary>Segments whose newest event is older are deleted; null keeps all.</summary>
    public TimeSpan? MaxAge { get; init; }

    /// <summary>The oldest segments are deleted while there are more bytes; null keeps all.</summary>
    public long? MaxBytes { get; init; }

    /// <summary>
    /// When written bytes are forced to the disk: zero, before each acknowledgement; else at this interval, after it.
    /// Null leaves it to the operating system.
    /// </summary>
    public TimeSpan? FlushInterval { get; init; }

    /// <summary>Told of what was found damaged or torn, and of failures that nobody waits for.</summary>
    public Action<string> Report { get; init; } = _ => { };

    /// <summary>A segment that would grow beyond this is followed by the next. Small enough that retention by size deletes about an eighth at a time.</summary>
    public long SegmentBytes => MaxBytes is { } most ? Math.Clamp(most / 8, MinSegmentBytes, MaxSegmentBytes) : MaxSegmentBytes;
}
