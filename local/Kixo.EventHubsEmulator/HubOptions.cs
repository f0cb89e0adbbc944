namespace Kixo.EventHubsEmulator;

/// <summary>An event hub: its name and the number of its partitions, numbered from "0".</summary>
public sealed record HubOptions(string Name, int Partitions)
{
    /// <summary>The consumer groups that exist beside <c>$Default</c>; any other is refused with <c>amqp:not-found</c>. Null lets any name be used.</summary>
    public IReadOnlyList<string>? ConsumerGroups { get; init; }

    /// <summary>How old events may become; null for what <see cref="EmulatorOptions.Retention"/> says.</summary>
    public TimeSpan? Retention { get; init; }

    /// <summary>Most bytes of a partition; null for what <see cref="EmulatorOptions.RetentionBytes"/> says.</summary>
    public long? RetentionBytes { get; init; }
}
