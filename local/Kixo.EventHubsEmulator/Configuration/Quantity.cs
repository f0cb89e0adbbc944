using System.Globalization;
using System.Text.RegularExpressions;

namespace Kixo.EventHubsEmulator.Configuration;

/// <summary>Reads a number with a unit.</summary>
internal static partial class Quantity
{
    /// <param name="setting">What the message names.</param>
    /// <param name="text">Such as <c>100ms</c>, <c>30s</c>, <c>90m</c>, <c>12h</c>, <c>7d</c>.</param>
    /// <param name="expected">What the message says instead of that.</param>
    /// <exception cref="ArgumentException">It is no such text.</exception>
    public static TimeSpan? Duration(string setting, string? text, string expected = "a time such as 100ms, 30s, 90m, 12h or 7d") =>
        Read(setting, text, expected, unit => unit switch
        {
            "ms" => TimeSpan.TicksPerMillisecond,
            "s" => TimeSpan.TicksPerSecond,
            "m" => TimeSpan.TicksPerMinute,
            "h" => TimeSpan.TicksPerHour,
            "d" => TimeSpan.TicksPerDay,
            _ => null,
        }) is { } ticks ? TimeSpan.FromTicks(ticks) : null;

    /// <param name="setting">What the message names.</param>
    /// <param name="text">Such as <c>500MB</c> or <c>2GB</c>, of 1,024 each.</param>
    /// <exception cref="ArgumentException">It is no such text.</exception>
    public static long? Size(string setting, string? text) =>
        Read(setting, text, "a size such as 512KB, 500MB or 2GB", unit => unit switch
        {
            "KB" => 1L << 10,
            "MB" => 1L << 20,
            "GB" => 1L << 30,
            _ => null,
        });

    private static long? Read(string setting, string? text, string expected, Func<string, long?> factorOf)
    {
        if (text is null)
        {
            return null;
        }

        var match = Shape().Match(text);
        return match.Success && factorOf(match.Groups["unit"].Value) is { } factor
            ? long.Parse(match.Groups["number"].Value, CultureInfo.InvariantCulture) * factor
            : throw new ArgumentException($"'{text}' is no {setting}: write {expected}.");
    }

    [GeneratedRegex("^(?<number>[1-9][0-9]{0,5}) ?(?<unit>[A-Za-z]+)$")]
    private static partial Regex Shape();
}
