using Azure;
using Kixo.Cli;
using Kixo.Cli.Doctor;
using Kixo.EventHubsEmulator;
using Kixo.Local;
using Kixo.Persistence;
using Kixo.RateLimiting;
using Kixo.Tests.Support;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.Time.Testing;

namespace Kixo.Tests.Cli.Doctor;

public sealed class DoctorTests(TestStack stack) : IClassFixture<TestStack>
{
    private const string App = "app";

    [Fact]
    public async Task A_healthy_stack_has_nothing_to_mend()
    {
        IReadOnlyList<Finding> findings = [];
        await TestStack.EventuallyAsync(
            async () => (findings = await ExamineAsync()).All(finding => finding.Check != App || finding.State == Health.Ok), () => "the app to be ready");

        Assert.All(findings, finding => Assert.Equal((Health.Ok, null), (finding.State, finding.Remedy)));
        Assert.Contains(findings, finding => finding is { Check: "event hub events", Message: "It answers, with 4 partitions." });
    }

    [Theory]
    [InlineData("Kixo:RateLimiting:RequestsPerSecond", "0", "settings", "RequestsPerSecond")]
    [InlineData("Kixo:Publishing:Timeout", "soon", "settings", "Kixo:Publishing:Timeout")]
    [InlineData("Storage", "", "storage", "Neither setting 'Storage'")]
    [InlineData("Storage", "nonsense", "storage", "Setting 'Storage'")]
    [InlineData("AzureWebJobsStorage", "", "host's storage", "AzureWebJobsStorage")]
    [InlineData("AzureWebJobsStorage", "nonsense", "host's storage", "AzureWebJobsStorage")]
    [InlineData("EventHub", "", "event hub events", "Neither setting 'EventHub'")]
    [InlineData("EventHub", "Endpoint=sb://127.0.0.1:1;SharedAccessKeyName=local;SharedAccessKey=local;UseDevelopmentEmulator=true", "event hub events", "does not answer")]
    public async Task A_setting_that_is_wrong_is_named(string setting, string value, string check, string message)
    {
        var problem = Assert.Single(await ProblemsAsync((setting, value)));

        Assert.Equal(check, problem.Check);
        Assert.Contains(message, problem.Message, StringComparison.Ordinal);
        Assert.NotNull(problem.Remedy);
    }

    [Fact]
    public async Task Storage_that_is_not_there_is_named_for_each_of_its_parts()
    {
        var problems = await ProblemsAsync(
            ("Storage", "DefaultEndpointsProtocol=http;AccountName=a;AccountKey=AAAA;BlobEndpoint=http://127.0.0.1:1/a;TableEndpoint=http://127.0.0.1:1/a;"));

        string[] parts = ["table Projects", "table ApiKeys", "table RateCounters", "container events", "container dead-letters", "projects and keys"];
        Assert.Equal(parts, problems.Select(problem => problem.Check).Intersect(parts));
        Assert.All(problems.Where(problem => parts.Contains(problem.Check)), problem => Assert.Contains("does not answer", problem.Message, StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_key_that_storage_refuses_is_named()
    {
        var problems = await ProblemsAsync(("Storage", System.Text.RegularExpressions.Regex.Replace(stack.Storage, "AccountKey=[^;]+", "AccountKey=AAAA")));

        Assert.Contains(problems, problem => problem.Check == "table Projects" && problem.Message.Contains("refuses", StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_table_and_a_container_that_are_missing_are_named()
    {
        await stack.Tables.GetTableClient(CounterEntity.Table).DeleteAsync();
        await stack.Blobs.GetBlobContainerClient(DeadLetters.Container).DeleteAsync();
        try
        {
            var problems = await ProblemsAsync();

            Assert.Equal(["table RateCounters", "container dead-letters"], problems.Select(problem => problem.Check));
            Assert.All(problems, problem => Assert.Contains("infra/main.bicep", problem.Remedy, StringComparison.Ordinal));
        }
        finally
        {
            await Provisioning.EnsureAsync(stack.Storage, TimeProvider.System, CancellationToken.None);
        }
    }

    [Fact]
    public async Task A_namespace_without_the_hub_is_named()
    {
        using var folder = new TestFolder();
        await using var other = await Emulator.StartAsync(
            new EmulatorOptions { Port = Ports.Free(), DataFolder = folder.Path, Hubs = [new HubOptions("other", 1)] }, TimeProvider.System, CancellationToken.None);

        var problem = Assert.Single(await ProblemsAsync(("EventHub", other.ConnectionString)));

        Assert.Equal("event hub events", problem.Check);
        Assert.Contains("hub named 'events'", problem.Remedy, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_key_that_the_hub_refuses_is_named()
    {
        using var folder = new TestFolder();
        await using var guarded = await Emulator.StartAsync(
            new EmulatorOptions
            {
                Port = Ports.Free(),
                DataFolder = folder.Path,
                Hubs = [new HubOptions(EventChunk.Hub, 1)],
                SharedAccessKeys = new Dictionary<string, string> { ["app"] = "right" },
            },
            TimeProvider.System,
            CancellationToken.None);

        var problem = Assert.Single(await ProblemsAsync(("EventHub", guarded.ConnectionString.Replace("=right", "=wrong", StringComparison.Ordinal))));

        Assert.Equal("event hub events", problem.Check);
        Assert.Contains("refuses", problem.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(1, "ahead of")]
    [InlineData(-1, "behind")]
    public async Task A_clock_that_is_off_is_named(int minutes, string direction)
    {
        var problem = await new StorageCheck(Settings()).ClockAsync(new FakeTimeProvider(TimeProvider.System.GetUtcNow().AddMinutes(minutes)), CancellationToken.None);

        Assert.Equal(("clock", Health.Problem), (problem.Check, problem.State));
        Assert.Contains(direction, problem.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task An_app_that_is_not_there_or_is_something_else_is_named()
    {
        var none = await EndpointCheck.RunAsync(new Uri($"http://127.0.0.1:{Ports.Free()}"), CancellationToken.None);
        var other = await EndpointCheck.RunAsync(new Uri(stack.Client.BaseAddress!, "/elsewhere"), CancellationToken.None);

        Assert.Contains("does not answer", none.Message, StringComparison.Ordinal);
        Assert.Contains("answers 404", other.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_file_of_settings_is_read_as_the_host_reads_it()
    {
        using var folder = new TestFolder();
        var file = folder.Sub("settings.json");
        await File.WriteAllTextAsync(file, """{ "IsEncrypted": false, "Values": { "Kixo__Cors__AllowedOrigins": "*", "Storage__tableServiceUri": "https://kixo.table.core.windows.net" } }""");

        var settings = DoctorSettings.OfFile(file, url: null);

        Assert.Equal("https://kixo.table.core.windows.net", settings.Values["Storage:tableServiceUri"]);
        Assert.Throws<CliException>(() => DoctorSettings.OfFile(folder.Sub("missing.json"), url: null));
        await File.WriteAllTextAsync(file, """{ "Values": { "Kixo__Cors__AllowedOrigins": "*", "kixo:cors:allowedOrigins": "*" } }""");
        Assert.Throws<CliException>(() => DoctorSettings.OfFile(file, url: null));
    }

    [Fact]
    public async Task A_write_that_is_refused_to_an_identity_is_a_warning_and_to_a_key_a_problem()
    {
        var identity = new StorageCheck(Settings(("Storage", ""), ("Storage:tableServiceUri", "https://kixo.table.core.windows.net")));

        Assert.Equal(Health.Warning, (await WriteAsync(identity)).State);
        await Assert.ThrowsAsync<RequestFailedException>(() => WriteAsync(new StorageCheck(Settings())));

        static Task<Finding> WriteAsync(StorageCheck check) =>
            check.WriteAsync("table", () => throw new RequestFailedException(403, "no"), "tableServiceUri", "a role");
    }

    private async Task<IReadOnlyList<Finding>> ProblemsAsync(params (string Name, string Value)[] changes) =>
        [.. (await ExamineAsync(changes)).Where(finding => finding.State == Health.Problem)];

    private async Task<IReadOnlyList<Finding>> ExamineAsync(params (string Name, string Value)[] changes)
    {
        var settings = new DoctorSettings("the test", Settings(changes), IsWhole: true, HasStorage: true, HasHub: true, stack.Client.BaseAddress);
        return await new Examination(settings, TimeProvider.System).RunAsync(CancellationToken.None).ToListAsync();
    }

    private IConfiguration Settings(params (string Name, string Value)[] changes)
    {
        var values = new Dictionary<string, string?> { ["Storage"] = stack.Storage, ["AzureWebJobsStorage"] = stack.Storage, ["EventHub"] = stack.EventHub };
        foreach (var (name, value) in changes)
        {
            values[name] = value;
        }

        return new ConfigurationBuilder().AddInMemoryCollection(values).Build();
    }
}
