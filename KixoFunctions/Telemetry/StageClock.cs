namespace Kixo.Telemetry;

/// <summary>The stages of a request, as they are named in metrics.</summary>
internal static class Stage
{
    public const string Read = "read";
    public const string Envelope = "envelope";
    public const string Key = "key";
    public const string Permit = "permit";
    public const string Events = "events";
    public const string Publish = "publish";
}

/// <summary>Measures the stages of one request, each from the end of the one before. A value, so that it costs no allocation; a copy goes on by itself.</summary>
internal struct StageClock(TimeProvider time, KixoMetrics metrics)
{
    private long _since = time.GetTimestamp();

    /// <param name="stage">One of <see cref="Stage"/>, which is over now.</param>
    public void Ended(string stage)
    {
        var now = time.GetTimestamp();
        metrics.StageEnded(stage, time.GetElapsedTime(_since, now));
        _since = now;
    }
}
