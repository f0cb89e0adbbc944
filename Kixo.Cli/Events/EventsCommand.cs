using System.CommandLine;
using System.Text.Json;
using Kixo.Batches;
using Kixo.Cli.Projects;
using Kixo.Persistence;
using Spectre.Console;

namespace Kixo.Cli.Events;

/// <summary><c>kixo events</c></summary>
internal static class EventsCommand
{
    private static readonly TimeSpan FollowInterval = TimeSpan.FromSeconds(1);

    public static Command Create(StorageOptions storage, Output output)
    {
        var project = new Option<string>("--project", "-p") { Description = "The project's id.", Required = true };
        var environment = new Option<string?>("--environment", "-e") { Description = "Only this environment: production, staging or development." };
        environment.AcceptOnlyFromAmong([.. EnvelopeReader.Environments]);
        var since = new Option<string>("--since")
        {
            Description = "How far back: 30s, 15m, 1h, 2d, or a time such as 2026-04-08T12:00:00Z.",
            DefaultValueFactory = _ => "1h",
        };
        var follow = new Option<bool>("--follow", "-f") { Description = "Go on with what comes in, until Ctrl+C." };
        var command = new Command("events", "Read a project's events from the event lake, newest last.") { project, environment, since, follow };
        command.SetAction(async (arguments, token) =>
        {
            var time = TimeProvider.System;
            var projectId = arguments.GetValue(project)!;
            var start = Since.Parse(arguments.GetValue(since)!, time.GetUtcNow().UtcDateTime);
            await new ProjectAdmin(storage.Tables(arguments), time).GetAsync(projectId, token);
            var lake = storage.Blobs(arguments).GetBlobContainerClient(LakePath.Container);
            var reader = new LakeReader(lake, projectId, arguments.GetValue(environment), start);
            var asJson = output.IsJson(arguments); // the stored lines as they are
            var count = 0;
            do
            {
                await foreach (var line in reader.ReadNewAsync(token))
                {
                    count++;
                    Print(output.Console, line, asJson);
                }
            }
            while (arguments.GetValue(follow) && await PauseAsync(time, token));

            if (count == 0)
            {
                await Console.Error.WriteLineAsync($"No events of project {projectId} since {start:u}.");
            }
        });
        return command;
    }

    private static async Task<bool> PauseAsync(TimeProvider time, CancellationToken cancellationToken)
    {
        try
        {
            await Task.Delay(FollowInterval, time, cancellationToken);
            return true;
        }
        catch (OperationCanceledException)
        {
            return false;
        }
    }

    internal static void Print(IAnsiConsole console, LakeLine line, bool asJson)
    {
        if (asJson)
        {
            console.Profile.Out.Writer.WriteLine(line.Json);
            return;
        }

        // As JSON has it, escapes and all, and control characters that it leaves as they are escaped too: whoever has a key for the web decides what is in an event, and shall not steer the terminal.
        using var stored = JsonDocument.Parse(line.Json);
        var text = (string name) => Markup.Escape(Printable.Of(stored.RootElement.GetProperty(name).GetRawText().Trim('"')));
        console.MarkupLine($"[bold]{text("event_name")}[/] [grey]{text("event_type")}, {text("received_at")}[/]");
        foreach (var member in stored.RootElement.EnumerateObject())
        {
            // Not as a table: a long value shall stay whole on its line, to be copied or searched.
            console.Profile.Out.Writer.WriteLine($"  {member.Name,-19} {Printable.Of(member.Value.GetRawText())}");
        }
    }
}
