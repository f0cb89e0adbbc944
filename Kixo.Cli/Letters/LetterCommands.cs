using System.CommandLine;
using Kixo.Persistence;
using Spectre.Console;
using Spectre.Console.Rendering;

namespace Kixo.Cli.Letters;

/// <summary><c>kixo dead-letters …</c></summary>
internal static class LetterCommands
{
    public static Command Create(StorageOptions storage, Output output) => new("dead-letters", "Messages that could not be read: list, show, replay.")
    {
        ListCommand(storage, output),
        ShowCommand(storage, output),
        ReplayCommand(storage, output),
    };

    private static Command ListCommand(StorageOptions storage, Output output)
    {
        var reason = ReasonOption();
        var command = new Command("list", "List all dead letters.") { reason };
        command.SetAction(async (arguments, token) =>
        {
            var letters = await Box(storage, arguments).ListAsync(arguments.GetValue(reason), token).ToListAsync(token);
            output.Write(arguments, letters, () => Table(letters));
        });
        return command;
    }

    private static Command ShowCommand(StorageOptions storage, Output output)
    {
        var id = new Argument<string>("id") { Description = "The letter's id, as 'dead-letters list' shows it." };
        var command = new Command("show", "Show one dead letter: where it was, its properties, and its body as far as it can be read.") { id };
        command.SetAction(async (arguments, token) =>
        {
            var (view, letter, _, _) = await Box(storage, arguments).GetAsync(arguments.GetValue(id)!, token);
            var body = LetterBody.Of(letter);
            output.Write(arguments, new { view.Id, view.State, view.ReplayedAt, Letter = letter, Decoded = body }, () => View(view, letter, body));
        });
        return command;
    }

    private static Command ReplayCommand(StorageOptions storage, Output output)
    {
        var hub = new EventHubOptions(storage);
        var ids = new Argument<string[]>("id") { Description = "Ids as 'dead-letters list' shows them.", Arity = ArgumentArity.ZeroOrMore };
        var all = new Option<bool>("--all") { Description = "All that wait." };
        var reason = ReasonOption();
        var inDoubt = new Option<bool>("--in-doubt")
        {
            Description = "Also those that somebody set out to publish without being told by the hub that it has them: they may come in twice, with the same event ids.",
        };
        var command = new Command("replay", "Publish dead letters again as they came, each once. Exit code 1 when one could not be.")
        {
            ids, all, reason, inDoubt, hub.EventHub,
        };
        command.SetAction(async (arguments, token) =>
        {
            var box = Box(storage, arguments);
            var named = arguments.GetValue(ids) ?? [];
            if ((named.Length > 0) == (arguments.GetValue(all) || arguments.GetValue(reason) is not null))
            {
                throw new CliException("Which? Name ids, or say --all, or --reason with a part of it.");
            }

            await using var producer = hub.Producer(arguments, EventChunk.Hub);
            var replay = new Replay(box, producer);
            await replay.CheckHubAsync(token);
            var done = new List<Replayed>();
            var meant = named.Length > 0 ? named : await WaitingAsync(box, arguments.GetValue(reason), arguments.GetValue(inDoubt), token);
            try
            {
                await foreach (var letter in replay.ReplayAsync(meant, arguments.GetValue(inDoubt), token))
                {
                    done.Add(letter);
                }
            }
            finally
            {
                output.Write(arguments, done, () => View(done));
            }

            return done.Exists(letter => letter.Outcome is ReplayOutcome.Failed or ReplayOutcome.NotPossible) ? 1 : 0;
        });
        return command;
    }

    private static async Task<IReadOnlyList<string>> WaitingAsync(LetterBox box, string? reason, bool inDoubt, CancellationToken cancellationToken) =>
        await box.ListAsync(reason, cancellationToken)
            .Where(letter => letter.State == LetterState.Waiting || (inDoubt && letter.State == LetterState.InDoubt))
            .Select(letter => letter.Id).ToListAsync(cancellationToken);

    private static LetterBox Box(StorageOptions storage, ParseResult arguments) => new(storage.Blobs(arguments), TimeProvider.System);

    private static Option<string?> ReasonOption() => new("--reason") { Description = "Only those whose reason has this in it." };

    private static Table Table(IEnumerable<LetterView> letters)
    {
        var table = new Table().AddColumns("id", "enqueued", "project", "bytes", "state", "reason");
        foreach (var letter in letters)
        {
            table.AddRow(
                new Text(letter.Id), new Text($"{letter.EnqueuedAt:u}"), new Text(Printable.Of(letter.ProjectId ?? "")), new Text($"{letter.Bytes:N0}"),
                new Text(letter.StateText), new Text(letter.Reason));
        }

        return table;
    }

    private static Rows View(LetterView view, DeadLetter letter, LetterBody? body)
    {
        var grid = new Grid().AddColumns(2);
        Add("id", view.Id);
        Add("reason", letter.Reason);
        Add("state", view.StateText);
        Add("enqueued", $"{letter.Enqueued:O}");
        Add("partition key", letter.PartitionKey);
        Add("content type", letter.ContentType);
        Add("message id", letter.MessageId);
        Add("correlation id", letter.CorrelationId);
        foreach (var (name, value) in letter.Properties)
        {
            Add($"property {Printable.Of(name)}", $"{value.Value} ({value.Type})");
        }

        Add("body", letter.Body is { } bytes ? $"{bytes.Length:N0} bytes, as {body!.Encoding}:" : "no data");
        var parts = new List<IRenderable> { grid };
        if (body is not null)
        {
            parts.AddRange(body.Start.Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(line => new Text(Printable.Of(line))));
            parts.Add(new Text(body.Problem is null ? "" : $"(here it ends: {body.Problem})"));
        }

        return new Rows(parts);

        void Add(string name, string? value) => grid.AddRow(new Text(name), new Text(Printable.Of(value ?? "")));
    }

    private static Rows View(List<Replayed> done) => new(done.Select(letter => new Text($"{letter.Id}: " + letter.Outcome switch
    {
        ReplayOutcome.Replayed => "published again.",
        ReplayOutcome.AlreadyReplayed => "was published again before.",
        ReplayOutcome.InDoubt => letter.Problem ?? "in doubt: somebody set out to publish it. Look whether its events are in the lake; if not: --in-doubt.",
        _ => letter.Problem ?? "",
    })).Append(new Text($"{done.Count(letter => letter.Outcome == ReplayOutcome.Replayed):N0} of {done.Count:N0} published again.")));
}
