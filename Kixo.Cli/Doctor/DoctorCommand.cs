using System.CommandLine;
using Spectre.Console;

namespace Kixo.Cli.Doctor;

/// <summary><c>kixo doctor</c></summary>
internal static class DoctorCommand
{
    public static Command Create(StorageOptions storage, Output output)
    {
        var hub = new EventHubOptions(storage).EventHub;
        var settings = new Option<string?>("--settings") { Description = $"A file of settings. Default: the local run's; where none runs, {DoctorSettings.DefaultFile} here; then the environment's." };
        var url = new Option<string?>("--url") { Description = "The app's address. Default: the local run's." };
        var command = new Command("doctor", "Check settings, identities, tables, containers, hub, clock and app; say what is wrong and what mends it. Changes nothing.")
        {
            hub, settings, url,
        };
        command.SetAction(async (arguments, token) =>
        {
            var given = Given(
                arguments.GetValue(storage.Storage), arguments.GetValue(hub), arguments.GetValue(settings), arguments.GetValue(storage.Data),
                arguments.GetValue(url) is { } address ? AppUrl.Parse(address) : null);
            var findings = await new Examination(given, TimeProvider.System).RunAsync(token).ToListAsync(token);
            var healthy = findings.TrueForAll(finding => finding.State != Health.Problem);
            output.Write(arguments, new { Healthy = healthy, given.Source, Findings = findings }, () => Table(given, findings));
            return healthy ? 0 : 1;
        });
        return command;
    }

    private static DoctorSettings Given(string? storage, string? hub, string? file, string? data, Uri? url)
    {
        var folder = data ?? LocalRun.DefaultFolder;
        return (storage, hub, file) switch
        {
            (null, null, { } named) => DoctorSettings.OfFile(named, url),
            (_, _, not null) => throw new CliException("Either --settings, or --storage and --event-hub: a file names its own."),
            (not null, _, _) or (_, not null, _) => DoctorSettings.OfAddresses(storage, hub, url),
            _ when LocalRun.Find(folder) is { } run => DoctorSettings.Of(run, folder, url),
            _ when data is not null => throw new CliException($"No local run of {data} is running. Start it with: dotnet run --project local/Kixo.Local -- --data {data}"),
            _ when File.Exists(DoctorSettings.DefaultFile) => DoctorSettings.OfFile(DoctorSettings.DefaultFile, url),
            _ => DoctorSettings.OfEnvironment(url),
        };
    }

    private static Rows Table(DoctorSettings settings, IReadOnlyList<Finding> findings)
    {
        var table = new Table().AddColumns("", "check", "finding", "what mends it");
        foreach (var finding in findings)
        {
            var state = finding.State switch
            {
                Health.Ok => new Markup("[green]ok[/]"),
                Health.Warning => new Markup("[yellow]warning[/]"),
                _ => new Markup("[red]problem[/]"),
            };
            table.AddRow(state, new Text(finding.Check), new Text(finding.Message), new Text(finding.Remedy ?? ""));
        }

        var problems = findings.Count(finding => finding.State == Health.Problem);
        return new(table, new Text(problems == 0 ? $"Healthy, by {settings.Source}." : $"{problems} problems, by {settings.Source}."));
    }
}
