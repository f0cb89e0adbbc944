using Microsoft.Extensions.Configuration;

namespace Microsoft.Azure.Functions.Worker.Hosting;

/// <summary>
/// host.json, overridden setting by setting by <c>AzureFunctionsJobHost__…</c>, as the official host does:
/// <c>AzureFunctionsJobHost__extensions__eventHubs__partitionOwnershipExpirationInterval=00:00:10</c>.
/// </summary>
internal sealed class HostJson
{
    private const string OverridesSection = "AzureFunctionsJobHost";

    private readonly IConfiguration _settings;

    private HostJson(IConfiguration settings)
    {
        _settings = settings;
        RoutePrefix = settings["extensions:http:routePrefix"] ?? "api";
        EventHubs = settings.GetSection("extensions:eventHubs").Get<EventHubs.EventHubOptions>() ?? new();
        EventHubs.Validate();
    }

    public string RoutePrefix { get; }

    public EventHubs.EventHubOptions EventHubs { get; }

    /// <summary>With its <c>logLevel</c> section.</summary>
    public IConfiguration Logging => _settings.GetSection("logging");

    /// <param name="folder">The folder with host.json; a missing file means defaults.</param>
    /// <param name="app">The app's configuration, where overrides are.</param>
    public static HostJson Load(string folder, IConfiguration app) =>
        new(new ConfigurationBuilder()
            .AddJsonFile(Path.Combine(folder, "host.json"), optional: true)
            .AddConfiguration(app.GetSection(OverridesSection))
            .Build());
}
