namespace Kixo.Cli;

/// <summary>Text for a terminal: whoever has a key for the web decides what is in an event, and shall not steer it.</summary>
internal static class Printable
{
    /// <summary>The text with escapes such as <c>\u001b</c> for control characters.</summary>
    public static string Of(string text) => text.Any(char.IsControl)
        ? string.Concat(text.Select(c => char.IsControl(c) ? FormattableString.Invariant($"\\u{(int)c:x4}") : c.ToString()))
        : text;
}
