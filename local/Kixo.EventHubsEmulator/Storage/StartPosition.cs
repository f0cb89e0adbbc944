namespace Kixo.EventHubsEmulator.Storage;

internal enum StartAt
{
    Beginning,
    End,
    Offset,
    SequenceNumber,
    EnqueuedTime,
}

/// <summary>Where a reader begins: at the first event whose <paramref name="At"/> is greater than <paramref name="Value"/>, or equal when inclusive.</summary>
internal readonly record struct StartPosition(StartAt At, long Value = 0, bool Inclusive = false)
{
    public bool Admits(IndexEntry @event)
    {
        var value = @event.By(At);
        return Inclusive ? value >= Value : value > Value;
    }
}
