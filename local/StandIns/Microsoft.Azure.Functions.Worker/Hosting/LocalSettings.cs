using System.Text.Json;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.Configuration.Memory;

namespace Microsoft.Azure.Functions.Worker.Hosting;

/// <summary>The <c>Values</c> of local.settings.json, which Core Tools would turn into environment variables.</summary>
internal static class LocalSettings
{
    private static readonly JsonDocumentOptions Lenient = new() { AllowTrailingCommas = true, CommentHandling = JsonCommentHandling.Skip };

    /// <summary>Adds them as the weakest source: whatever the environment says of a setting wins.</summary>
    public static void AddTo(IConfigurationBuilder configuration, string folder)
    {
        var file = Path.Combine(folder, "local.settings.json");
        if (File.Exists(file))
        {
            configuration.Sources.Insert(0, new MemoryConfigurationSource { InitialData = Read(File.ReadAllText(file)) });
        }
    }

    internal static Dictionary<string, string?> Read(string json)
    {
        var values = new Dictionary<string, string?>(StringComparer.OrdinalIgnoreCase);
        using var document = JsonDocument.Parse(json, Lenient);
        if (document.RootElement.TryGetProperty("Values", out var section))
        {
            foreach (var value in section.EnumerateObject())
            {
                values[value.Name.Replace("__", ConfigurationPath.KeyDelimiter, StringComparison.Ordinal)] = value.Value.ToString();
            }
        }

        return values;
    }
}
