using System.Globalization;

namespace Kixo.Cli.Events;

/// <summary>Reads how far back: a number with s, m, h or d, or a time.</summary>
internal static class Since
{
    /// <exception cref="CliException">It is neither.</exception>
    public static DateTime Parse(string text, DateTime now)
    {
        if (Duration.TryParse(text, out var ago))
        {
            return ago > now - DateTime.UnixEpoch ? DateTime.UnixEpoch : now - ago;
        }

        return DateTime.TryParse(text, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal | DateTimeStyles.AdjustToUniversal, out var time)
            ? time
            : throw NotUnderstood();

        CliException NotUnderstood() => new($"--since {text}: expected such as 30s, 15m, 1h, 2d or 2026-04-08T12:00:00Z.");
    }
}
