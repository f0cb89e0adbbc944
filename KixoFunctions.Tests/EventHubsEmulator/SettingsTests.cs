using Kixo.EventHubsEmulator;
using Kixo.EventHubsEmulator.Configuration;
using Kixo.Tests.Support;

namespace Kixo.Tests.EventHubsEmulator;

public sealed class SettingsTests : IDisposable
{
    private readonly TestFolder _folder = new();

    private string ConfigFile => _folder.Sub("emulator.json");

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void ConfigFile_WithEverything_IsRead()
    {
        File.WriteAllText(ConfigFile, """
            {
              // a comment
              "port": 5700, "data": "events", "flush": "100ms", "retention": "12h", "retentionSize": "500MB",
              "keys": { "local": "secret" },
              "hubs": [
                { "name": "events", "partitions": 4, "consumerGroups": ["app", "report"] },
                { "name": "audit", "partitions": 1, "retention": "30d", "retentionSize": "2GB" },
              ],
            }
            """);

        var options = Settings.Load(ConfigFile).ToOptions(_ => { });

        Assert.Equal((5700, _folder.Sub("events"), TimeSpan.FromMilliseconds(100)), (options.Port, options.DataFolder, options.FlushInterval));
        Assert.Equal((TimeSpan.FromHours(12), 500L << 20), (options.Retention, options.RetentionBytes));
        Assert.Equal("secret", options.SharedAccessKeys["local"]);
        Assert.Equal([("events", 4, null, null), ("audit", 1, TimeSpan.FromDays(30), 2L << 30)],
            options.Hubs.Select(hub => (hub.Name, hub.Partitions, hub.Retention, hub.RetentionBytes)));
        Assert.Equal(["app", "report"], options.Hubs[0].ConsumerGroups);
        Assert.Null(options.Hubs[1].ConsumerGroups);
    }

    [Fact]
    public void NothingSaid_IsTheDefaults()
    {
        var options = new Settings().ToOptions(_ => { });

        Assert.Equal((5672, null, TimeSpan.FromDays(7), 1L << 30), (options.Port, options.FlushInterval, options.Retention, options.RetentionBytes));
        Assert.Equal([("events", 4)], options.Hubs.Select(hub => (hub.Name, hub.Partitions)));
        EmulatorOptionsValidator.Validate(options);
    }

    [Fact]
    public void CommandLine_GoesBeforeTheConfigFile()
    {
        File.WriteAllText(ConfigFile, """{ "port": 5700, "flush": "always", "hubs": [{ "name": "other", "partitions": 2 }] }""");

        var options = Run("--config", ConfigFile, "--port", "0", "--hub", "a:1", "--hub", "b:2", "--key", "n=k==").ToOptions(_ => { });

        Assert.Equal((0, TimeSpan.Zero), (options.Port, options.FlushInterval));
        Assert.Equal([("a", 1), ("b", 2)], options.Hubs.Select(hub => (hub.Name, hub.Partitions)));
        Assert.Equal("k==", options.SharedAccessKeys["n"]);
        Assert.Equal(5700, Run("--config", ConfigFile).Port);
    }

    [Theory]
    [InlineData("os", null)]
    [InlineData("always", 0)]
    [InlineData("250ms", 250)]
    [InlineData("2s", 2000)]
    public void Flush_IsAPolicyOrAnInterval(string flush, int? milliseconds) => Assert.Equal(
        milliseconds is { } some ? TimeSpan.FromMilliseconds(some) : null,
        new Settings { Flush = flush }.ToOptions(_ => { }).FlushInterval);

    [Theory]
    [InlineData("""{ "port": "x" }""")]
    [InlineData("""{ "prot": 1 }""")]
    [InlineData("""{ "hubs": [{ "name": "events" }] }""")]
    [InlineData("{")]
    [InlineData("""{ "port": 1, "port": 2 }""")]
    public void ConfigFile_NotAsDescribed_IsRefusedByName(string json)
    {
        File.WriteAllText(ConfigFile, json);

        var refused = Assert.Throws<ArgumentException>(() => Settings.Load(ConfigFile));

        Assert.StartsWith($"The config file {ConfigFile} cannot be read: ", refused.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("7", "500MB", "os", "retention:")]
    [InlineData("0d", "500MB", "os", "retention:")]
    [InlineData("9999999d", "500MB", "os", "retention:")]
    [InlineData("7d", "500", "os", "retention-size:")]
    [InlineData("7d", "500XB", "os", "retention-size:")]
    [InlineData("7d", "500MB", "sometimes", "flush:")]
    public void Value_NoneOfItsKind_IsRefusedByName(string retention, string size, string flush, string named)
    {
        var settings = new Settings { Retention = retention, RetentionSize = size, Flush = flush };

        var refused = Assert.Throws<ArgumentException>(() => settings.ToOptions(_ => { }));

        Assert.Contains(named, refused.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("a b", 1)]
    [InlineData("", 1)]
    [InlineData("$all", 1)]
    [InlineData("app", 0)]
    public void Options_NotAllowed_AreRefused(string group, int partitions)
    {
        var options = new EmulatorOptions { DataFolder = "x", Hubs = [new("events", partitions) { ConsumerGroups = [group] }] };

        Assert.Throws<ArgumentException>(() => EmulatorOptionsValidator.Validate(options));
    }

    private static Settings Run(params string[] arguments)
    {
        Settings? seen = null;
        CommandLine.Create((settings, _) =>
        {
            seen = settings;
            return Task.FromResult(0);
        }).Parse(arguments).Invoke();
        return seen!;
    }
}
