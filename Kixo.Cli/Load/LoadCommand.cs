using System.CommandLine;
using Kixo.Batches;
using Kixo.Persistence;
using Spectre.Console;

namespace Kixo.Cli.Load;

/// <summary><c>kixo load</c></summary>
internal static class LoadCommand
{
    public static Command Create(StorageOptions storage, Output output)
    {
        var urls = new Argument<string[]>("url") { Description = "The app's address, or several of its instances'. Default: the local run's.", Arity = ArgumentArity.ZeroOrMore };
        var rate = Positive("--rate", "Requests a second, over all projects.", 10d);
        var events = Positive("--events", "Events of a request, up to 1,000.", BatchLimits.MaxEvents);
        var duration = Positive("--duration", "How long to send, in seconds.", 10d);
        var projects = Positive("--projects", "How many projects to make for it, where the storage is at hand.", 1);
        var keys = new Option<string[]>("--keys")
        {
            Description = "Send as these: <project>:<key>, or a file with one on each line. Default: projects made for it.",
            AllowMultipleArgumentsPerToken = true,
        };
        var compress = new Option<LoadCompression>("--compress") { Description = "Compress the bodies.", HelpName = "none|gzip|zstd" };
        compress.CompletionSources.Clear();
        compress.CompletionSources.Add("none", "gzip", "zstd");
        var environment = new Option<string>("--environment", "-e") { Description = "Of the events.", DefaultValueFactory = _ => "development" };
        environment.AcceptOnlyFromAmong([.. EnvelopeReader.Environments]);
        var inFlight = Positive("--in-flight", "Requests under way at most.", 256);
        var timeout = Positive("--timeout", "Seconds to wait for an answer.", 30d);
        var verify = new Option<bool>("--verify") { Description = "Wait until the lake holds every acknowledged event, and count them." };
        var command = new Command("load", "Send batches at a fixed rate, and tell how they fare.")
        {
            urls, rate, events, duration, projects, keys, compress, environment, inFlight, timeout, verify,
        };
        command.SetAction(async (arguments, token) =>
        {
            var time = TimeProvider.System;
            var options = new LoadOptions(
                Urls(arguments.GetValue(urls), storage, arguments), arguments.GetValue(rate), Math.Min(arguments.GetValue(events), BatchLimits.MaxEvents),
                TimeSpan.FromSeconds(arguments.GetValue(duration)), arguments.GetValue(inFlight), arguments.GetValue(compress),
                arguments.GetValue(environment)!, TimeSpan.FromSeconds(arguments.GetValue(timeout)));
            if ((long)options.Requests * options.Events > int.MaxValue)
            {
                throw new CliException($"That is more than {int.MaxValue:N0} events, which nobody could count. Take a shorter --duration or a lower --rate.");
            }

            var run = RandomId.Create("", LoadEventId.RunLength);
            var senders = arguments.GetValue(keys) is { Length: > 0 } pairs
                ? SenderSource.Parse(pairs)
                : await SenderSource.CreateAsync(storage.Tables(arguments), run, arguments.GetValue(projects), options.Duration, time, token);
            var lake = arguments.GetValue(verify) ? storage.Blobs(arguments).GetBlobContainerClient(LakePath.Container) : null;

            var report = await new LoadTest(options, run, senders, lake, new LoadProgress(ErrorConsole(), time), time).RunAsync(token);
            output.Write(arguments, report, report.View);
            return report.Lake is { Missing: > 0 } or { Repeated: > 0 } ? 1 : 0;
        });
        return command;
    }

    // Beside the result, which a program may read.
    private static IAnsiConsole ErrorConsole()
    {
        var console = AnsiConsole.Create(new AnsiConsoleSettings { Out = new AnsiConsoleOutput(Console.Error) });
        console.Profile.Width = Console.IsErrorRedirected ? 1000 : console.Profile.Width;
        return console;
    }

    private static Uri[] Urls(string[]? given, StorageOptions storage, ParseResult arguments) =>
        given is { Length: > 0 } ? [.. given.Select(AppUrl.Parse)] : [new Uri(storage.Local(arguments).Url)];

    private static Option<T> Positive<T>(string name, string description, T value)
        where T : System.Numerics.INumber<T>
    {
        var option = new Option<T>(name) { Description = description, DefaultValueFactory = _ => value };
        option.Validators.Add(result =>
        {
            if (result.GetValueOrDefault<T>() <= T.Zero)
            {
                result.AddError($"{name} takes a number over 0.");
            }
        });
        return option;
    }
}
