using System.Text.Json;
using Microsoft.Extensions.Configuration;

namespace Kixo.Cli.Doctor;

/// <summary>The settings that are looked at: those the app has, or would have.</summary>
/// <param name="Source">Where they are from, for people.</param>
/// <param name="IsWhole">True where all of the app's settings are at hand, not only addresses.</param>
/// <param name="HasStorage">Whether storage is to be looked at; likewise <paramref name="HasHub"/>.</param>
/// <param name="Url">The app, if it is known.</param>
internal sealed record DoctorSettings(string Source, IConfiguration Values, bool IsWhole, bool HasStorage, bool HasHub, Uri? Url)
{
    public const string DefaultFile = "local.settings.json";

    public static DoctorSettings OfAddresses(string? storage, string? hub, Uri? url)
    {
        var values = new Dictionary<string, string?>();
        if (IsUrl(storage, out var account))
        {
            values["Storage:tableServiceUri"] = StorageOptions.ServiceOf(account, "table").AbsoluteUri;
            values["Storage:blobServiceUri"] = StorageOptions.ServiceOf(account, "blob").AbsoluteUri;
        }
        else
        {
            values["Storage"] = storage;
        }

        // A connection string has its '='; an address is a host's name, whatever stands around it.
        values[hub?.Contains('=', StringComparison.Ordinal) == true ? "EventHub" : "EventHub:fullyQualifiedNamespace"] = hub is null ? null : EventHubOptions.HostOf(hub);
        return new("the command line", InMemory(values), IsWhole: false, storage is not null, hub is not null, url);
    }

    public static DoctorSettings Of(LocalRun run, string folder, Uri? url) => new(
        $"the local run of {folder}",
        InMemory(new() { ["Storage"] = run.Storage, ["AzureWebJobsStorage"] = run.Storage, ["EventHub"] = run.EventHub }),
        IsWhole: true, HasStorage: true, HasHub: true, url ?? new Uri(run.Url));

    /// <summary>A file's values, and the environment's before them, as the Functions host has it.</summary>
    /// <exception cref="CliException">The file cannot be read.</exception>
    public static DoctorSettings OfFile(string file, Uri? url)
    {
        try
        {
            using var json = JsonDocument.Parse(File.ReadAllBytes(file), new() { CommentHandling = JsonCommentHandling.Skip, AllowTrailingCommas = true });
            var values = json.RootElement.GetProperty(nameof(Values)).EnumerateObject()
                .ToDictionary(value => value.Name.Replace("__", ":", StringComparison.Ordinal), value => (string?)value.Value.ToString());
            var all = new ConfigurationBuilder().AddInMemoryCollection(values).AddEnvironmentVariables().Build();
            return new($"{file} and the environment", all, IsWhole: true, HasStorage: true, HasHub: true, url);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or JsonException or KeyNotFoundException or InvalidOperationException or ArgumentException)
        {
            throw new CliException($"{file} cannot be read as settings: {e.Message} Expected what local.settings.sample.json has.");
        }
    }

    public static DoctorSettings OfEnvironment(Uri? url) => new(
        "the environment", new ConfigurationBuilder().AddEnvironmentVariables().Build(), IsWhole: true, HasStorage: true, HasHub: true, url);

    private static IConfiguration InMemory(Dictionary<string, string?> values) => new ConfigurationBuilder().AddInMemoryCollection(values).Build();

    private static bool IsUrl(string? text, out Uri url) => Uri.TryCreate(text, UriKind.Absolute, out url!) && url.Scheme is "http" or "https";
}
