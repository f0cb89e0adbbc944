using System.Net;
using System.Text.RegularExpressions;

namespace Kixo.EventHubsEmulator;

/// <summary>Holds options against the limits of TCP and of Event Hubs.</summary>
internal static partial class EmulatorOptionsValidator
{
    private const int MostPartitions = 1024;
    private const long LeastRetentionBytes = 1024 * 1024;

    private static readonly TimeSpan LongestRetention = TimeSpan.FromDays(100 * 365);

    /// <exception cref="ArgumentException">A value is not allowed; the message names it.</exception>
    public static void Validate(EmulatorOptions options)
    {
        Require(options.Port is >= IPEndPoint.MinPort and <= IPEndPoint.MaxPort,
            $"{options.Port} is not a TCP port: choose one up to {IPEndPoint.MaxPort}, or 0 for any free one.");
        Require(!string.IsNullOrWhiteSpace(options.DataFolder), "The data folder has no name.");
        Require(options.FlushInterval is not { } interval || (interval >= TimeSpan.Zero && interval <= TimeSpan.FromDays(1)), "The flush interval is 0 to 1 day.");
        RequireRetention("", options.Retention, options.RetentionBytes);
        Require(options.SharedAccessKeys.All(key => key.Key.Length > 0 && key.Value.Length > 0), "A shared access key and its name must not be empty.");
        foreach (var hub in options.Hubs)
        {
            Require(Name().IsMatch(hub.Name ?? "") && hub.Partitions is >= 1 and <= MostPartitions,
                $"The hub '{hub.Name}' with {hub.Partitions} partitions is not allowed: a name has letters, digits and . - _ within, and there are 1 to {MostPartitions} partitions.");
            RequireRetention($" of the hub '{hub.Name}'", hub.Retention, hub.RetentionBytes);
            foreach (var group in hub.ConsumerGroups ?? [])
            {
                Require(group == Hubs.Hub.DefaultConsumerGroup || Name().IsMatch(group ?? ""),
                    $"The consumer group '{group}' of the hub '{hub.Name}' is not allowed: a name has letters, digits and . - _ within.");
            }
        }

        var twice = options.Hubs.GroupBy(hub => hub.Name, StringComparer.OrdinalIgnoreCase).FirstOrDefault(same => same.Skip(1).Any());
        Require(twice is null, $"The hub '{twice?.Key}' is named twice.");
    }

    private static void RequireRetention(string whose, TimeSpan? age, long? bytes)
    {
        Require(age is null || (age > TimeSpan.Zero && age <= LongestRetention), $"The retention{whose} is more than 0 and at most {LongestRetention.TotalDays} days.");
        Require(bytes is null or >= LeastRetentionBytes, $"The retention by size{whose} is at least 1 MB.");
    }

    private static void Require(bool isSo, string otherwise)
    {
        if (!isSo)
        {
            throw new ArgumentException(otherwise);
        }
    }

    [GeneratedRegex("^[A-Za-z0-9]([A-Za-z0-9._-]{0,254}[A-Za-z0-9])?$")]
    private static partial Regex Name();
}
