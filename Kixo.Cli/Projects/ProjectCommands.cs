using System.CommandLine;
using System.Globalization;
using Kixo.Keys;
using Spectre.Console;

namespace Kixo.Cli.Projects;

/// <summary><c>kixo projects …</c></summary>
internal static class ProjectCommands
{
    public static Command Create(StorageOptions storage, Output output) => new("projects", "Projects: create, list, show, limit, disable, enable.")
    {
        CreateCommand(storage, output),
        ListCommand(storage, output),
        ShowCommand(storage, output),
        LimitCommand(storage, output),
        EnabledCommand(storage, output, "disable", "Refuse a project's batches (403), within a minute.", enabled: false),
        EnabledCommand(storage, output, "enable", "Take a project's batches again, within a minute.", enabled: true),
    };

    private static Command CreateCommand(StorageOptions storage, Output output)
    {
        var id = new Argument<string?>("id") { Description = "The project's id. Default: a new one, kx_proj_…", Arity = ArgumentArity.ZeroOrOne };
        var name = new Option<string?>("--name") { Description = "A name for people." };
        var command = new Command("create", "Create a project.") { id, name };
        command.SetAction(async (arguments, token) =>
        {
            var newId = arguments.GetValue(id) ?? RandomId.Create("kx_proj_", 12);
            var project = await Admin(storage, arguments).CreateAsync(newId, arguments.GetValue(name), token);
            output.Write(
                arguments, ProjectView.Of(project),
                $"Project {project.PartitionKey} created. A key for it: kixo keys create --project {project.PartitionKey}");
        });
        return command;
    }

    private static Command ListCommand(StorageOptions storage, Output output)
    {
        var command = new Command("list", "List all projects.");
        command.SetAction(async (arguments, token) =>
        {
            var projects = await Admin(storage, arguments).ListAsync(token);
            output.Write(arguments, projects.Select(ProjectView.Of), () => Table(projects));
        });
        return command;
    }

    private static Command ShowCommand(StorageOptions storage, Output output)
    {
        var id = ProjectId();
        var command = new Command("show", "Show one project.") { id };
        command.SetAction(async (arguments, token) =>
        {
            var project = await Admin(storage, arguments).GetAsync(arguments.GetValue(id)!, token);
            output.Write(arguments, ProjectView.Of(project), () => new Grid().AddColumns(2)
                .AddRow("project", Markup.Escape(project.PartitionKey))
                .AddRow("name", Markup.Escape(project.Name ?? ""))
                .AddRow("enabled", YesNo(project.Enabled))
                .AddRow("requests/s", Limit(project))
                .AddRow("created", $"{project.CreatedAt:u}"));
        });
        return command;
    }

    private static Command LimitCommand(StorageOptions storage, Output output)
    {
        var id = ProjectId();
        var limit = new Argument<string>("requests per second")
        {
            Description = $"1 to 100000, over all instances; '{RequestLimit.Default}' for what the app's settings say.",
        };
        var command = new Command("limit", "Set how many requests a second a project may send, within a minute.") { id, limit };
        command.SetAction(async (arguments, token) =>
        {
            var requestsPerSecond = RequestLimit.Parse(arguments.GetValue(limit)!);
            var project = await Admin(storage, arguments).SetLimitAsync(arguments.GetValue(id)!, requestsPerSecond, token);
            var text = requestsPerSecond is { } number ? FormattableString.Invariant($"{number} requests a second") : "the default limit";
            output.Write(arguments, ProjectView.Of(project), $"Project {project.PartitionKey} has {text}; every instance knows within a minute.");
        });
        return command;
    }

    private static Command EnabledCommand(StorageOptions storage, Output output, string verb, string description, bool enabled)
    {
        var id = ProjectId();
        var command = new Command(verb, description) { id };
        command.SetAction(async (arguments, token) =>
        {
            var project = await Admin(storage, arguments).SetEnabledAsync(arguments.GetValue(id)!, enabled, token);
            output.Write(arguments, ProjectView.Of(project), $"Project {project.PartitionKey} is {verb}d; every instance knows within a minute.");
        });
        return command;
    }

    private static Table Table(IEnumerable<ProjectEntity> projects)
    {
        var table = new Table().AddColumns("project", "name", "enabled", "requests/s", "created");
        foreach (var project in projects)
        {
            table.AddRow(
                new Text(project.PartitionKey), new Text(project.Name ?? ""), new Text(YesNo(project.Enabled)), new Text(Limit(project)),
                new Text($"{project.CreatedAt:u}"));
        }

        return table;
    }

    private static ProjectAdmin Admin(StorageOptions storage, ParseResult arguments) => new(storage.Tables(arguments), TimeProvider.System);

    private static Argument<string> ProjectId() => new("id") { Description = "The project's id." };

    private static string YesNo(bool value) => value ? "yes" : "no";

    private static string Limit(ProjectEntity project) => project.RequestsPerSecond?.ToString(CultureInfo.InvariantCulture) ?? RequestLimit.Default;
}
