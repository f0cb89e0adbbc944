using System.CommandLine;
using System.Text.Json;
using Kixo.Cli;
using Kixo.Cli.Keys;
using Kixo.Cli.Projects;
using Kixo.Tests.Support;
using Spectre.Console;

namespace Kixo.Tests.Cli;

public sealed class OutputTests(AzuriteFixture azurite) : IClassFixture<AzuriteFixture>
{
    [Fact]
    public async Task Projects_and_keys_say_in_JSON_what_they_have_done()
    {
        var created = await RunAsync("projects", "create", "shop", "--name", "Schöner \"Shop\"");
        Assert.Equal(("shop", "Schöner \"Shop\"", true), (Text(created, "project_id"), Text(created, "name"), created.GetProperty("enabled").GetBoolean()));
        Assert.Equal(50, (await RunAsync("projects", "limit", "shop", "50")).GetProperty("requests_per_second").GetInt32());
        Assert.False((await RunAsync("projects", "disable", "shop")).GetProperty("enabled").GetBoolean());
        Assert.True((await RunAsync("projects", "enable", "shop")).GetProperty("enabled").GetBoolean());
        Assert.Contains("shop", (await RunAsync("projects", "list")).EnumerateArray().Select(project => Text(project, "project_id")));

        var key = await RunAsync("keys", "create", "--project", "shop", "--platforms", "ios,web");
        Assert.StartsWith("kx_key_", Text(key, "api_key"), StringComparison.Ordinal);
        Assert.Equal(["ios", "web"], key.GetProperty("platforms").EnumerateArray().Select(platform => platform.GetString()));
        var rotated = await RunAsync("keys", "rotate", "--project", "shop", Text(key, "api_key"), "--overlap", "1h");
        Assert.Equal(Text(key, "hash"), Text(rotated.GetProperty("old"), "hash"));
        Assert.Equal("revoked", Text(await RunAsync("keys", "revoke", "--project", "shop", Text(rotated.GetProperty("new"), "hash")), "state"));
        Assert.Equal(["active", "revoked"], (await RunAsync("keys", "list", "--project", "shop")).EnumerateArray().Select(each => Text(each, "state")));
    }

    private static string Text(JsonElement json, string name) => json.GetProperty(name).GetString()!;

    private async Task<JsonElement> RunAsync(params string[] arguments)
    {
        var said = new StringWriter();
        var output = new Output(AnsiConsole.Create(new AnsiConsoleSettings { Out = new AnsiConsoleOutput(said) }));
        var storage = new StorageOptions();
        var root = new RootCommand { ProjectCommands.Create(storage, output), KeyCommands.Create(storage, output) };
        root.Options.Add(storage.Storage);
        root.Options.Add(storage.Data);
        root.Options.Add(output.Format);
        var parsed = root.Parse([.. arguments, "--output", "json", "--storage", azurite.ConnectionString]);
        Assert.Equal(0, await parsed.InvokeAsync(new InvocationConfiguration { EnableDefaultExceptionHandler = false }));
        return JsonDocument.Parse(said.ToString()).RootElement;
    }
}
