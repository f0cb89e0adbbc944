using System.CommandLine;
using Kixo.Cli.Projects;
using Kixo.Keys;
using Spectre.Console;

namespace Kixo.Cli.Keys;

/// <summary><c>kixo keys …</c></summary>
internal static class KeyCommands
{
    // Enough of a hash to tell keys apart.
    private const int ShownHash = 12;

    public static Command Create(StorageOptions storage, IAnsiConsole console) => new("keys", "API keys: create, list, revoke.")
    {
        CreateCommand(storage, console),
        ListCommand(storage, console),
        RevokeCommand(storage, console),
    };

    private static Command CreateCommand(StorageOptions storage, IAnsiConsole console)
    {
        var project = ProjectOption();
        var label = new Option<string?>("--label") { Description = "What the key is for." };
        var expires = new Option<DateTimeOffset?>("--expires") { Description = "When it ends, such as 2027-01-01T00:00:00Z. Default: never." };
        var platforms = new Option<string?>("--platforms") { Description = "Only these platforms, comma-separated: ios, android, web." };
        var bundles = new Option<string?>("--bundle-ids") { Description = "Only these bundle ids, comma-separated." };
        var environments = new Option<string?>("--environments") { Description = "Only these environments, comma-separated: production, staging, development." };
        var command = new Command("create", "Create a key; it is printed once, and only its hash is stored.")
        {
            project, label, expires, platforms, bundles, environments,
        };
        command.SetAction(async (arguments, token) =>
        {
            var tables = storage.Tables(arguments);
            var projectId = arguments.GetValue(project)!;
            await new ProjectAdmin(tables, TimeProvider.System).GetAsync(projectId, token);
            var terms = new ApiKeyEntity
            {
                Label = arguments.GetValue(label),
                ExpiresAt = arguments.GetValue(expires),
                AllowedPlatforms = arguments.GetValue(platforms),
                AllowedBundleIds = arguments.GetValue(bundles),
                AllowedEnvironments = arguments.GetValue(environments),
            };
            var apiKey = await new KeyAdmin(tables, TimeProvider.System).CreateAsync(projectId, terms, null, token);
            console.MarkupLine("[grey]Keep it now: only its hash is stored, and it is not shown again.[/]");
            console.WriteLine(apiKey);
        });
        return command;
    }

    private static Command ListCommand(StorageOptions storage, IAnsiConsole console)
    {
        var project = ProjectOption();
        var command = new Command("list", "List a project's keys, by the start of their hash.") { project };
        command.SetAction(async (arguments, token) =>
        {
            var tables = storage.Tables(arguments);
            var projectId = arguments.GetValue(project)!;
            await new ProjectAdmin(tables, TimeProvider.System).GetAsync(projectId, token);
            var table = new Table().AddColumns("hash", "label", "state", "created", "expires", "allowed");
            foreach (var key in await new KeyAdmin(tables, TimeProvider.System).ListAsync(projectId, token))
            {
                table.AddRow(
                    new Text(key.RowKey[..ShownHash]), new Text(key.Label ?? ""), new Text(State(key)), new Text($"{key.CreatedAt:u}"),
                    new Text(key.ExpiresAt is { } end ? $"{end:u}" : "never"), new Text(Allowed(key)));
            }

            console.Write(table);
        });
        return command;
    }

    private static Command RevokeCommand(StorageOptions storage, IAnsiConsole console)
    {
        var project = ProjectOption();
        var key = new Argument<string>("key") { Description = "The key, or the start of its hash as 'keys list' shows it." };
        var command = new Command("revoke", "Revoke a key: every instance refuses it (401) within a minute.") { key, project };
        command.SetAction(async (arguments, token) =>
        {
            var revoked = await new KeyAdmin(storage.Tables(arguments), TimeProvider.System)
                .RevokeAsync(arguments.GetValue(project)!, arguments.GetValue(key)!, token);
            console.WriteLine($"Key {revoked.RowKey[..ShownHash]}… is revoked; every instance refuses it within a minute.");
        });
        return command;
    }

    private static Option<string> ProjectOption() => new("--project", "-p") { Description = "The project's id.", Required = true };

    private static string State(ApiKeyEntity key) =>
        !key.Enabled ? "revoked" : key.ExpiresAt <= TimeProvider.System.GetUtcNow() ? "expired" : "active";

    private static string Allowed(ApiKeyEntity key) => string.Join("; ", new[] { key.AllowedPlatforms, key.AllowedBundleIds, key.AllowedEnvironments }
        .Where(list => !string.IsNullOrWhiteSpace(list)).DefaultIfEmpty("all"));
}
