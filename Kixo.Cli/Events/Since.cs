using System.Globalization;

namespace Kixo.Cli.Events;

/// <summary>Reads how far back: a number with s, m, h or d, or a time.</summary>
internal static class Since
{
    /// <exception cref="CliException">It is neither.</exception>
    public static DateTime Parse(string text, DateTime now)
    {
        if (text.Length > 1 && int.TryParse(text.AsSpan(0, text.Length - 1), NumberStyles.None, CultureInfo.InvariantCulture, out var number))
        {
            var unit = text[^1] switch
            {
                's' => TimeSpan.FromSeconds(1),
                'm' => TimeSpan.FromMinutes(1),
                'h' => TimeSpan.FromHours(1),
                'd' => TimeSpan.FromDays(1),
                _ => throw NotUnderstood(),
            };
            return now - Min(unit.TotalSeconds * number);
        }

        return DateTime.TryParse(text, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal | DateTimeStyles.AdjustToUniversal, out var time)
            ? time
            : throw NotUnderstood();

        TimeSpan Min(double seconds) => TimeSpan.FromSeconds(Math.Min(seconds, (now - DateTime.UnixEpoch).TotalSeconds));

        CliException NotUnderstood() => new($"--since {text}: expected such as 30s, 15m, 1h, 2d or 2026-04-08T12:00:00Z.");
    }
}
