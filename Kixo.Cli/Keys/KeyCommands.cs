using System.CommandLine;
using Kixo.Cli.Projects;
using Kixo.Keys;
using Spectre.Console;

namespace Kixo.Cli.Keys;

/// <summary><c>kixo keys …</c></summary>
internal static class KeyCommands
{
    public static Command Create(StorageOptions storage, Output output) => new("keys", "API keys: create, list, rotate, revoke.")
    {
        CreateCommand(storage, output),
        ListCommand(storage, output),
        RotateCommand(storage, output),
        RevokeCommand(storage, output),
    };

    private static Command CreateCommand(StorageOptions storage, Output output)
    {
        var project = ProjectOption();
        var label = new Option<string?>("--label") { Description = "What the key is for." };
        var expires = ExpiresOption();
        var platforms = new Option<string?>("--platforms") { Description = "Only these platforms, comma-separated: ios, android, web." };
        var bundles = new Option<string?>("--bundle-ids") { Description = "Only these bundle ids, comma-separated." };
        var environments = new Option<string?>("--environments") { Description = "Only these environments, comma-separated: production, staging, development." };
        var command = new Command("create", "Create a key; it is printed once, and only its hash is stored.")
        {
            project, label, expires, platforms, bundles, environments,
        };
        command.SetAction(async (arguments, token) =>
        {
            var time = TimeProvider.System;
            var tables = storage.Tables(arguments);
            var projectId = arguments.GetValue(project)!;
            await new ProjectAdmin(tables, time).GetAsync(projectId, token);
            var terms = new ApiKeyEntity
            {
                Label = arguments.GetValue(label),
                ExpiresAt = arguments.GetValue(expires),
                AllowedPlatforms = arguments.GetValue(platforms),
                AllowedBundleIds = arguments.GetValue(bundles),
                AllowedEnvironments = arguments.GetValue(environments),
            };
            var apiKey = await new KeyAdmin(tables, time).CreateAsync(projectId, terms, null, token);
            output.Write(arguments, KeyView.Of(terms, time.GetUtcNow(), apiKey), () => Once(apiKey));
        });
        return command;
    }

    private static Command ListCommand(StorageOptions storage, Output output)
    {
        var project = ProjectOption();
        var command = new Command("list", "List a project's keys, by the start of their hash.") { project };
        command.SetAction(async (arguments, token) =>
        {
            var time = TimeProvider.System;
            var tables = storage.Tables(arguments);
            var projectId = arguments.GetValue(project)!;
            await new ProjectAdmin(tables, time).GetAsync(projectId, token);
            var keys = (await new KeyAdmin(tables, time).ListAsync(projectId, token)).Select(key => KeyView.Of(key, time.GetUtcNow())).ToList();
            output.Write(arguments, keys, () => Table(keys));
        });
        return command;
    }

    private static Command RotateCommand(StorageOptions storage, Output output)
    {
        var project = ProjectOption();
        var key = KeyArgument();
        var expires = ExpiresOption();
        var overlap = new Option<string>("--overlap") { Description = "How long both work: 30m, 12h, 7d.", DefaultValueFactory = _ => "7d" };
        var command = new Command("rotate", "Create a key that may do what another may; the other expires after an overlap.") { key, project, overlap, expires };
        command.SetAction(async (arguments, token) =>
        {
            var time = TimeProvider.System;
            if (!Duration.TryParse(arguments.GetValue(overlap)!, out var both))
            {
                throw new CliException($"--overlap {arguments.GetValue(overlap)}: expected such as 30m, 12h or 7d.");
            }

            var (apiKey, created, old) = await new KeyAdmin(storage.Tables(arguments), time)
                .RotateAsync(arguments.GetValue(project)!, arguments.GetValue(key)!, both, arguments.GetValue(expires), token);
            var (newView, oldView) = (KeyView.Of(created, time.GetUtcNow(), apiKey), KeyView.Of(old, time.GetUtcNow()));
            output.Write(arguments, new { New = newView, Old = oldView }, () => new Rows(
                new Text($"Key {oldView.Hash}… works until {oldView.ExpiresAt:u}. The key to use instead:"), Once(apiKey)));
        });
        return command;
    }

    private static Command RevokeCommand(StorageOptions storage, Output output)
    {
        var project = ProjectOption();
        var key = KeyArgument();
        var command = new Command("revoke", "Revoke a key: every instance refuses it (401) within a minute.") { key, project };
        command.SetAction(async (arguments, token) =>
        {
            var time = TimeProvider.System;
            var revoked = KeyView.Of(
                await new KeyAdmin(storage.Tables(arguments), time).RevokeAsync(arguments.GetValue(project)!, arguments.GetValue(key)!, token),
                time.GetUtcNow());
            output.Write(arguments, revoked, $"Key {revoked.Hash}… is revoked; every instance refuses it within a minute.");
        });
        return command;
    }

    private static Argument<string> KeyArgument() => new("key") { Description = "The key, or the start of its hash as 'keys list' shows it." };

    private static Option<DateTimeOffset?> ExpiresOption() =>
        new("--expires") { Description = "When it ends, such as 2027-01-01T00:00:00Z. Default: never." };

    private static Option<string> ProjectOption() => new("--project", "-p") { Description = "The project's id.", Required = true };

    private static Rows Once(string apiKey) => new(
        new Markup("[grey]Keep it now: only its hash is stored, and it is not shown again.[/]"), new Text(apiKey));

    private static Table Table(IEnumerable<KeyView> keys)
    {
        var table = new Table().AddColumns("hash", "label", "state", "created", "expires", "allowed");
        foreach (var key in keys)
        {
            var allowed = string.Join("; ", new[] { key.Platforms, key.BundleIds, key.Environments }
                .Where(list => list is not null).Select(list => string.Join(", ", list!)).DefaultIfEmpty("all"));
            table.AddRow(
                new Text(key.Hash), new Text(key.Label ?? ""), new Text($"{key.State}".ToLowerInvariant()), new Text($"{key.CreatedAt:u}"),
                new Text(key.ExpiresAt is { } end ? $"{end:u}" : "never"), new Text(allowed));
        }

        return table;
    }
}
