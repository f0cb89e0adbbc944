using System.Text.Json;

namespace Kixo.Cli;

/// <summary>
/// Where a running local run has what: written to <c>local.json</c> in its data folder when it is ready, and removed when it stops.
/// </summary>
/// <param name="Url">The app, without a closing slash.</param>
/// <param name="Storage">Connection string of tables and blobs.</param>
/// <param name="EventHub">Connection string of the Event Hubs emulator.</param>
internal sealed record LocalRun(string Url, string Storage, string EventHub)
{
    /// <summary>The data folder when none is named, in the current folder.</summary>
    public const string DefaultFolder = ".kixo";

    private const string FileName = "local.json";

    private static readonly JsonSerializerOptions Json = new(JsonSerializerDefaults.Web) { WriteIndented = true };

    /// <returns>The run whose data are in <paramref name="folder"/>, or null when none is running.</returns>
    public static LocalRun? Find(string folder)
    {
        var file = Path.Combine(folder, FileName);
        try
        {
            return File.Exists(file) ? JsonSerializer.Deserialize<LocalRun>(File.ReadAllBytes(file), Json) : null;
        }
        catch (JsonException)
        {
            return null;
        }
    }

    public void Save(string folder) => File.WriteAllBytes(Path.Combine(folder, FileName), JsonSerializer.SerializeToUtf8Bytes(this, Json));

    public static void Remove(string folder) => File.Delete(Path.Combine(folder, FileName));
}
