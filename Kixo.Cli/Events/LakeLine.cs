using System.Text.Json;

namespace Kixo.Cli.Events;

/// <summary>A stored event as its line in the lake says it.</summary>
internal readonly record struct LakeLine(DateTime ReceivedAt, string Json)
{
    public static LakeLine Parse(string json)
    {
        using var line = JsonDocument.Parse(json);
        return new(line.RootElement.GetProperty("received_at").GetDateTime().ToUniversalTime(), json);
    }
}
