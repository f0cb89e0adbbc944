using System.Buffers.Text;
using System.Globalization;
using System.Text;

namespace Kixo.Cli.Load;

/// <summary>
/// The ids of a load's events: six characters for the run, eight hexadecimal digits for the batch, four for the event's place in
/// it. So what the lake holds can be told exactly, with a bit of memory an event.
/// </summary>
internal static class LoadEventId
{
    public const int RunLength = 6;
    public const int BatchDigits = 8;
    public const int Length = RunLength + BatchDigits + IndexDigits;

    private const int IndexDigits = 4;

    public static byte[] Create(string run, int index) =>
        Encoding.ASCII.GetBytes(string.Create(CultureInfo.InvariantCulture, $"{run}{0:x8}{index:x4}"));

    /// <returns>False for the id of another run, or of no load at all.</returns>
    public static bool TryParse(ReadOnlySpan<byte> id, ReadOnlySpan<byte> run, out int batch, out int index)
    {
        index = 0;
        batch = 0;
        return id.Length == Length && id.StartsWith(run)
            && Utf8Parser.TryParse(id.Slice(RunLength, BatchDigits), out batch, out var used, 'x') && used == BatchDigits
            && Utf8Parser.TryParse(id[(RunLength + BatchDigits)..], out index, out used, 'x') && used == IndexDigits;
    }
}
