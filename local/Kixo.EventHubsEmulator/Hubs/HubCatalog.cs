using Kixo.EventHubsEmulator.Storage;

namespace Kixo.EventHubsEmulator.Hubs;

/// <summary>The hubs that exist.</summary>
internal sealed class HubCatalog : IAsyncDisposable
{
    private readonly Dictionary<string, Hub> _hubs;

    private HubCatalog(IEnumerable<Hub> hubs) => _hubs = hubs.ToDictionary(hub => hub.Name, StringComparer.OrdinalIgnoreCase);

    public IReadOnlyCollection<Hub> All => _hubs.Values;

    public static HubCatalog Open(EmulatorOptions options, TimeProvider clock) => new(options.Hubs.Select(hub =>
    {
        var log = new LogOptions
        {
            MaxAge = hub.Retention ?? options.Retention,
            MaxBytes = hub.RetentionBytes ?? options.RetentionBytes,
            FlushInterval = options.FlushInterval,
            Report = options.Report,
        };
        return Hub.Open(hub, options.DataFolder, log, clock);
    }));

    public Hub? Find(string? name) => name is null ? null : _hubs.GetValueOrDefault(name);

    /// <summary>In the words by which the .NET client knows that retrying is of no use.</summary>
    public static string NotFound(string entity) => $"The messaging entity '{entity}' could not be found.";

    public async ValueTask DisposeAsync()
    {
        foreach (var hub in _hubs.Values)
        {
            await hub.DisposeAsync();
        }
    }
}
