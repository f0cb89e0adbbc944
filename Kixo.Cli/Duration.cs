using System.Globalization;

namespace Kixo.Cli;

/// <summary>Reads how long: a number with s, m, h or d; more than a century counts as one.</summary>
internal static class Duration
{
    private const long Century = 36_525L * 86_400;

    public static bool TryParse(string text, out TimeSpan duration)
    {
        var unit = text.Length > 1 ? text[^1] : default;
        var seconds = unit switch { 's' => 1, 'm' => 60, 'h' => 3_600, 'd' => 86_400, _ => 0L };
        var isOne = int.TryParse(text.AsSpan(0, Math.Max(text.Length - 1, 0)), NumberStyles.None, CultureInfo.InvariantCulture, out var number) && seconds > 0;
        duration = isOne ? TimeSpan.FromSeconds(Math.Min(number * seconds, Century)) : default;
        return isOne;
    }
}
