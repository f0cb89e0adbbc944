using System.CommandLine.Parsing;
using System.Globalization;

namespace Kixo.EventHubsEmulator;

/// <summary>Reads <c>--hub name:partitions</c>.</summary>
internal static class HubArgument
{
    public static HubOptions[]? Parse(ArgumentResult result)
    {
        var hubs = new List<HubOptions>();
        foreach (var token in result.Tokens)
        {
            if (token.Value.Split(':') is not [var name, var count] || !int.TryParse(count, NumberStyles.None, CultureInfo.InvariantCulture, out var partitions))
            {
                result.AddError($"'{token.Value}' is not a hub: write name:partitions, such as events:4.");
                return null;
            }

            hubs.Add(new(name, partitions));
        }

        return [.. hubs];
    }
}
