using System.Globalization;

namespace Kixo.EventHubsEmulator.Configuration;

/// <summary>A hub as the command line or a config file describes it.</summary>
internal sealed record HubSettings
{
    public required string Name { get; init; }

    public required int Partitions { get; init; }

    public IReadOnlyList<string>? ConsumerGroups { get; init; }

    public string? Retention { get; init; }

    public string? RetentionSize { get; init; }

    /// <param name="text"><c>name:partitions</c></param>
    /// <exception cref="ArgumentException">It is not.</exception>
    public static HubSettings Parse(string text) =>
        text.Split(':') is [var name, var count] && int.TryParse(count, NumberStyles.None, CultureInfo.InvariantCulture, out var partitions)
            ? new() { Name = name, Partitions = partitions }
            : throw new ArgumentException($"'{text}' is not a hub: write name:partitions, such as events:4.");

    public HubOptions ToOptions() => new(Name, Partitions)
    {
        ConsumerGroups = ConsumerGroups,
        Retention = Quantity.Duration($"retention of the hub {Name}", Retention),
        RetentionBytes = Quantity.Size($"retentionSize of the hub {Name}", RetentionSize),
    };
}
