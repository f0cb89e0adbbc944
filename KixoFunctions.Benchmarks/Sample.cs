using Kixo.Cli.Load;

namespace Kixo.Benchmarks;

/// <summary>What every benchmark is given: the same batches, at the same time.</summary>
internal static class Sample
{
    public const string Project = "kx_proj_abc123";
    public const string Key = "kx_key_xyz789";
    public const int Events = 1_000;

    private const int Seed = 1;

    public static readonly DateTimeOffset ReceivedAt = new(2026, 4, 8, 12, 0, 0, 180, TimeSpan.Zero);

    public static byte[] Body(int events = Events, string project = Project) =>
        new SampleBatches(Seed).Next(project, Key, ReceivedAt.UtcDateTime.AddMilliseconds(-180), events);

    /// <summary>A clock that stands still, as if each batch had been under way for 180 ms.</summary>
    public static readonly TimeProvider Time = new StoppedClock();

    private sealed class StoppedClock : TimeProvider
    {
        public override DateTimeOffset GetUtcNow() => ReceivedAt;
    }
}
