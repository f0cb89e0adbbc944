using System.Globalization;
using System.Text;
using System.Text.Json;
using System.Text.RegularExpressions;

namespace Kixo.Tests.Contract;

/// <summary>
/// Decides about a body as the contract says it, in the plainest way: the whole text as a document, one rule after the other.
/// Slow, and written apart from the app's readers, so that the two can be held against each other.
/// </summary>
internal static partial class ReferenceReader
{
    private static readonly UTF8Encoding StrictUtf8 = new(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true);

    /// <returns>The indexes of the accepted events; null when the whole body is refused.</returns>
    public static IReadOnlyList<int>? Accepted(byte[] body)
    {
        JsonDocument document;
        try
        {
            _ = StrictUtf8.GetString(body);
            document = JsonDocument.Parse(body, new JsonDocumentOptions { MaxDepth = 32 });
        }
        catch (Exception e) when (e is JsonException or DecoderFallbackException)
        {
            return null;
        }

        using (document)
        {
            return IsEnvelope(document.RootElement) && AcceptedOf(document.RootElement.GetProperty("batch")) is { Count: > 0 } accepted ? accepted : null;
        }
    }

    private static bool IsEnvelope(JsonElement root)
    {
        if (root.ValueKind != JsonValueKind.Object)
        {
            return false;
        }

        var known = Members(root, "project_id", "api_key", "bundle_id", "platform", "environment", "sent_at", "batch");
        return known is not null
            && IsText(known, "project_id") && IsText(known, "api_key") && IsText(known, "bundle_id")
            && IsOneOf(known, "platform", "ios", "android", "web")
            && (IsAbsent(known, "environment") || IsOneOf(known, "environment", "production", "staging", "development"))
            && (IsAbsent(known, "sent_at") || IsTime(known, "sent_at"))
            && known.TryGetValue("batch", out var batch) && batch.ValueKind == JsonValueKind.Array && batch.GetArrayLength() is >= 1 and <= 1_000;

        static bool IsText(Dictionary<string, JsonElement> members, string name) =>
            members.TryGetValue(name, out var value) && TextOf(value) is { } text && !HasHalfPair(text) && Length(text) is >= 1 and <= 256;

        static bool IsOneOf(Dictionary<string, JsonElement> members, string name, params string[] values) =>
            members.TryGetValue(name, out var value) && values.Contains(TextOf(value));
    }

    private static List<int> AcceptedOf(JsonElement batch) =>
        [.. batch.EnumerateArray().Select((item, index) => (item, index)).Where(e => IsEvent(e.item)).Select(e => e.index)];

    private static bool IsEvent(JsonElement item)
    {
        if (item.ValueKind != JsonValueKind.Object || Encoding.UTF8.GetByteCount(item.GetRawText()) > 64 * 1024)
        {
            return false;
        }

        var known = Members(item, "event_type", "event_name", "device_id", "session_id", "timestamp", "properties", "event_id");
        return known is not null
            && IsText("event_type", 256) && IsText("event_name", 2_048) && IsText("device_id", 256) && IsText("session_id", 256)
            && IsTime(known, "timestamp")
            && (IsAbsent(known, "properties") || known["properties"].ValueKind == JsonValueKind.Object)
            && (IsAbsent(known, "event_id") || (TextOf(known["event_id"]) is { } id && EventId().IsMatch(id)));

        bool IsText(string name, int max) => known.TryGetValue(name, out var value) && TextOf(value) is { } text && Length(text) is var length && length >= 1 && length <= max;
    }

    /// <summary>The members of those names; null when one stands twice.</summary>
    private static Dictionary<string, JsonElement>? Members(JsonElement item, params string[] names)
    {
        var members = new Dictionary<string, JsonElement>();
        foreach (var member in item.EnumerateObject())
        {
            if (NameOf(member) is { } name && names.Contains(name) && !members.TryAdd(name, member.Value))
            {
                return null;
            }
        }

        return members;
    }

    private static string? NameOf(JsonProperty member)
    {
        try
        {
            return member.Name;
        }
        catch (InvalidOperationException)
        {
            return null; // half a surrogate pair, which none of the names has
        }
    }

    private static bool IsAbsent(Dictionary<string, JsonElement> members, string name) =>
        !members.TryGetValue(name, out var value) || value.ValueKind == JsonValueKind.Null;

    private static bool IsTime(Dictionary<string, JsonElement> members, string name) =>
        members.TryGetValue(name, out var value) && TextOf(value) is { } text && Time().Match(text) is { Success: true } time
        && DateTime.TryParseExact(
            time.Groups["second"].Value.ToUpperInvariant(), "yyyy-MM-dd'T'HH:mm:ss", CultureInfo.InvariantCulture, DateTimeStyles.None, out var local)
        && InRange(local.Ticks - OffsetOf(time));

    private static bool InRange(long ticks) => ticks >= DateTime.MinValue.Ticks && ticks <= DateTime.MaxValue.Ticks;

    private static long OffsetOf(Match time)
    {
        if (!time.Groups["sign"].Success)
        {
            return 0;
        }

        var hours = int.Parse(time.Groups["hours"].Value, CultureInfo.InvariantCulture);
        var minutes = time.Groups["minutes"].Success ? int.Parse(time.Groups["minutes"].Value, CultureInfo.InvariantCulture) : 0;
        var offset = new TimeSpan(hours, minutes, 0).Ticks;
        return time.Groups["sign"].Value == "-" ? -offset : offset;
    }

    /// <summary>A string's text, its halves of surrogate pairs included; null for what is no string.</summary>
    private static string? TextOf(JsonElement value) => value.ValueKind != JsonValueKind.String ? null
        : Escape().Replace(value.GetRawText()[1..^1], escape => escape.Value[1] switch
        {
            'u' => $"{(char)ushort.Parse(escape.Value.AsSpan(2), NumberStyles.HexNumber, CultureInfo.InvariantCulture)}",
            'b' => "\b",
            'f' => "\f",
            'n' => "\n",
            'r' => "\r",
            't' => "\t",
            var same => $"{same}",
        });

    private static int Length(string text) => text.EnumerateRunes().Count();

    private static bool HasHalfPair(string text) => text.Where((c, i) =>
        (char.IsHighSurrogate(c) && (i + 1 == text.Length || !char.IsLowSurrogate(text[i + 1])))
        || (char.IsLowSurrogate(c) && (i == 0 || !char.IsHighSurrogate(text[i - 1])))).Any();

    [GeneratedRegex(@"\\(u[0-9a-fA-F]{4}|.)")]
    private static partial Regex Escape();

    [GeneratedRegex(@"^[A-Za-z0-9_-]{1,64}\z")]
    private static partial Regex EventId();

    [GeneratedRegex(@"^(?<second>[0-9]{4}-[0-9]{2}-[0-9]{2}[Tt][0-9]{2}:[0-9]{2}:[0-9]{2})(\.[0-9]{1,9})?([Zz]|(?<sign>[+-])(?<hours>[01][0-9]|2[0-3])(:?(?<minutes>[0-5][0-9]))?)?\z")]
    private static partial Regex Time();
}
