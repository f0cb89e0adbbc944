using System.Buffers;
using System.Text.Json;
using System.Text.RegularExpressions;
using Amqp;
using Amqp.Framing;
using Kixo.EventHubsEmulator.Storage;

namespace Kixo.Tests.Support;

/// <summary>Looks for what no log may hold: keys, and the devices and property values of whatever went through a hub beside it.</summary>
internal static partial class LogScan
{
    // Shorter values are in a text by chance: all of them may be digits, as in a time or an id.
    private const int MinLength = 10;

    /// <summary>Lines of the logs in a folder, and in those below it, that hold any of it; the hubs in there must be closed.</summary>
    public static IReadOnlyList<string> Leaks(string folder)
    {
        var files = Directory.EnumerateFiles(folder, "*.log", SearchOption.AllDirectories).ToLookup(IsSegment);
        var logs = files[false].Where(log => new FileInfo(log).Length > 0).ToList();
        if (logs.Count == 0)
        {
            return [];
        }

        var values = SearchValues.Create([.. files[true].Select(segment => Path.GetDirectoryName(segment)!).Distinct().SelectMany(Secrets)], StringComparison.Ordinal);
        return
        [
            .. from log in logs
               from line in File.ReadLines(log)
               where Key.IsMatch(line) || line.AsSpan().ContainsAny(values)
               select $"{Path.GetFileName(log)}: {line}",
        ];
    }

    private static bool IsSegment(string file) => char.IsAsciiDigit(Path.GetFileName(file)[0]);

    /// <summary>Of all events in a partition's folder.</summary>
    private static HashSet<string> Secrets(string partition)
    {
        var found = new HashSet<string>();
        using var segments = SegmentRow.Open(partition, _ => { }, out var end);
        for (var offset = segments.First.BaseOffset; offset < end.Position;)
        {
            var stored = segments.At(offset)!.Read(offset);
            offset = stored.Next;
            var message = Message.Decode(new ByteBuffer(stored.Message.ToArray(), 0, stored.Message.Length, stored.Message.Length));
            if (ChunkEncodings.TryParse(message.ApplicationProperties?["encoding"] as string, out var encoding) && message.BodySection is Data data)
            {
                Add(encoding, data.Binary, found);
            }
        }

        found.RemoveWhere(value => value.Length < MinLength);
        return found;
    }

    private static void Add(ChunkEncoding encoding, byte[] body, HashSet<string> found)
    {
        try
        {
            using var lines = new StreamReader(encoding.Decompress(new MemoryStream(body)));
            while (lines.ReadLine() is { } line)
            {
                using var json = JsonDocument.Parse(line);
                Add(json.RootElement.GetProperty("device_id"), found);
                Add(json.RootElement.GetProperty("properties"), found);
            }
        }
        catch (Exception e) when (e is InvalidDataException or ZstdSharp.ZstdException or JsonException or KeyNotFoundException)
        {
            // It was damaged on purpose.
        }
    }

    private static void Add(JsonElement value, HashSet<string> found)
    {
        switch (value.ValueKind)
        {
            case JsonValueKind.String:
                found.Add(value.GetString()!);
                break;
            case JsonValueKind.Object:
                value.EnumerateObject().ToList().ForEach(member => Add(member.Value, found));
                break;
            case JsonValueKind.Array:
                value.EnumerateArray().ToList().ForEach(item => Add(item, found));
                break;
        }
    }

    [GeneratedRegex("kx_key_[0-9A-Za-z]")]
    private static partial Regex Key { get; }
}
