using Microsoft.Azure.Functions.Worker;
using Microsoft.Azure.Functions.Worker.EventHubs;
using Microsoft.Azure.Functions.Worker.Hosting;
using Microsoft.Extensions.Configuration;

namespace Kixo.Tests.StandIns.Functions;

public sealed class SettingsTests : IDisposable
{
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("kixo-settings-");

    [Fact]
    public void Values_of_local_settings_are_read_as_environment_variables_would_be()
    {
        var values = LocalSettings.Read("""{ /* people comment */ "IsEncrypted": false, "Values": { "EventHub__fullyQualifiedNamespace": "ns", "Number": 5, } }""");

        Assert.Equal("ns", values["EventHub:fullyQualifiedNamespace"]);
        Assert.Equal("5", values["Number"]);
    }

    [Fact]
    public void Without_a_host_json_the_official_defaults_hold()
    {
        var host = HostJson.Load(_folder.FullName, Settings());

        Assert.Equal("api", host.RoutePrefix);
        Assert.Equal((100, 1, 1, 300), (host.EventHubs.MaxEventBatchSize, host.EventHubs.MinEventBatchSize, host.EventHubs.BatchCheckpointFrequency, host.EventHubs.PrefetchCount));
        Assert.Equal(TimeSpan.FromMinutes(2), host.EventHubs.PartitionOwnershipExpirationInterval);
    }

    [Fact]
    public void A_setting_overrides_host_json()
    {
        File.WriteAllText(
            Path.Combine(_folder.FullName, "host.json"),
            """{ "extensions": { "eventHubs": { "maxEventBatchSize": 256, "prefetchCount": 512, "initialOffsetOptions": { "type": "fromEnd" } } } }""");

        var options = HostJson.Load(_folder.FullName, Settings(("AzureFunctionsJobHost:extensions:eventHubs:prefetchCount", "9"))).EventHubs;

        Assert.Equal((256, 9, EventHubOptions.InitialOffsetType.FromEnd), (options.MaxEventBatchSize, options.PrefetchCount, options.InitialOffsetOptions.Type));
    }

    [Fact]
    public void Options_that_cannot_work_are_named() =>
        Assert.Contains(
            "minEventBatchSize",
            Assert.Throws<InvalidOperationException>(
                () => HostJson.Load(_folder.FullName, Settings(("AzureFunctionsJobHost:extensions:eventHubs:minEventBatchSize", "101")))).Message,
            StringComparison.Ordinal);

    [Fact]
    public void Names_between_percent_signs_are_settings()
    {
        Assert.Equal("events-eu", SettingNames.Resolve("%Hub__Name%-%Region%", Settings(("Hub:Name", "events"), ("Region", "eu"))));
        Assert.Contains("Hub", Assert.Throws<InvalidOperationException>(() => SettingNames.Resolve("%Hub%", Settings())).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_connection_string_tells_where_checkpoints_are_kept()
    {
        var settings = Settings(("EventHub", "Endpoint=sb://Some.servicebus.windows.net/;SharedAccessKeyName=k;SharedAccessKey=a="));

        var source = new EventHubSource("F", new EventHubTriggerAttribute("Events") { Connection = "EventHub" }, new(), settings);

        Assert.Equal("some.servicebus.windows.net/events/$default", source.StoragePrefix);
    }

    [Fact]
    public void A_connection_without_settings_is_named()
    {
        var trigger = new EventHubTriggerAttribute("Events") { Connection = "EventHub" };

        var exception = Assert.Throws<InvalidOperationException>(() => new EventHubSource("PersistEvents", trigger, new(), Settings()));

        Assert.Contains("EventHub__fullyQualifiedNamespace", exception.Message, StringComparison.Ordinal);
    }

    public void Dispose() => _folder.Delete(recursive: true);

    private static IConfigurationRoot Settings(params (string Name, string Value)[] settings) =>
        new ConfigurationBuilder().AddInMemoryCollection(settings.ToDictionary(it => it.Name, it => (string?)it.Value)).Build();
}
