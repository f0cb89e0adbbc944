using System.Globalization;

namespace Kixo.Tests.Chaos;

/// <summary>What the environment says of the chaos tests: how long, and from which seed.</summary>
internal static class ChaosOptions
{
    public const string Category = "Chaos";

    /// <summary><c>KIXO_CHAOS_SECONDS</c>: how long things break; starting, draining and checking come on top.</summary>
    public static TimeSpan Duration => TimeSpan.FromSeconds(Number("KIXO_CHAOS_SECONDS") ?? 75);

    /// <summary><c>KIXO_OUTAGE_SECONDS</c>: how long storage is away.</summary>
    public static TimeSpan Outage => TimeSpan.FromSeconds(Number("KIXO_OUTAGE_SECONDS") ?? 12);

    /// <summary><c>KIXO_CHAOS_SEED</c>: what breaks when, and what the clients send. The machine's own timing is not in it.</summary>
    public static int Seed { get; } = Number("KIXO_CHAOS_SEED") ?? Random.Shared.Next(1_000_000);

    /// <summary>How long the clients, and then the lag, may take to come to an end after the last fault.</summary>
    public static TimeSpan Patience { get; } = TimeSpan.FromMinutes(4);

    private static int? Number(string name) =>
        Environment.GetEnvironmentVariable(name) is { Length: > 0 } text ? int.Parse(text, CultureInfo.InvariantCulture) : null;
}
