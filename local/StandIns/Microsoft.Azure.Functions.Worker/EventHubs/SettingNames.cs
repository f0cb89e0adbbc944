using System.Text.RegularExpressions;
using Microsoft.Extensions.Configuration;

namespace Microsoft.Azure.Functions.Worker.EventHubs;

internal static partial class SettingNames
{
    /// <summary>Replaces each <c>%Name%</c> by the setting of that name, which has to be there.</summary>
    public static string Resolve(string text, IConfiguration configuration) => Name().Replace(text, match =>
    {
        var name = match.Groups[1].Value;
        return configuration[name.Replace("__", ConfigurationPath.KeyDelimiter, StringComparison.Ordinal)]
            ?? throw new InvalidOperationException($"'%{name}%' names no setting.");
    });

    [GeneratedRegex("%([^%]+)%")]
    private static partial Regex Name();
}
