using System.CommandLine;
using Kixo.Batches;
using Kixo.Persistence;

namespace Kixo.Cli.Load;

/// <summary><c>kixo load</c></summary>
internal static class LoadCommand
{
    private const int MaxRequests = 10_000_000; // 8 bytes each

    public static Command Create(StorageOptions storage, Output output)
    {
        var urls = new Argument<string[]>("url") { Description = "The app's address, or several of its instances'. Default: the local run's.", Arity = ArgumentArity.ZeroOrMore };
        var rate = Bounded("--rate", "Requests a second, over all projects.", 10d, 1e6);
        var events = Bounded("--events", "Events of a request, up to 1,000.", BatchLimits.MaxEvents, BatchLimits.MaxEvents);
        var duration = Bounded("--duration", "How long to send, in seconds.", 10d, TimeSpan.FromDays(7).TotalSeconds);
        var projects = Bounded("--projects", "How many projects to make for it, where the storage is at hand.", 1, 10_000);
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
        var inFlight = Bounded("--in-flight", "Requests under way at most.", 256, 10_000);
        var timeout = Bounded("--timeout", "Seconds to wait for an answer.", 30d, TimeSpan.FromDays(1).TotalSeconds);
        var verify = new Option<bool>("--verify") { Description = "Wait until the lake holds every acknowledged event, and count them." };
        var command = new Command("load", "Send batches at a fixed rate, and tell how they fare. Exit code 1 when nothing was accepted, or when --verify was broken off, or found events missing or repeated.")
        {
            urls, rate, events, duration, projects, keys, compress, environment, inFlight, timeout, verify,
        };
        command.SetAction(async (arguments, token) =>
        {
            var time = TimeProvider.System;
            var options = new LoadOptions(
                Urls(arguments.GetValue(urls), storage, arguments), arguments.GetValue(rate), arguments.GetValue(events),
                TimeSpan.FromSeconds(arguments.GetValue(duration)), arguments.GetValue(inFlight), arguments.GetValue(compress),
                arguments.GetValue(environment)!, TimeSpan.FromSeconds(arguments.GetValue(timeout)));
            if (options.Requests > MaxRequests)
            {
                throw new CliException($"That is more than {MaxRequests:N0} requests, which would take too much memory to follow. Take a shorter --duration or a lower --rate.");
            }

            if ((long)options.Requests * options.Events > int.MaxValue)
            {
                throw new CliException($"That is more than {int.MaxValue:N0} events, which nobody could count. Take a shorter --duration or a lower --rate.");
            }

            var run = RandomId.Create("", LoadEventId.RunLength);
            var senders = arguments.GetValue(keys) is { Length: > 0 } pairs
                ? SenderSource.Parse(pairs)
                : await SenderSource.CreateAsync(storage.Tables(arguments), run, arguments.GetValue(projects), options.Duration, time, token);
            var lake = arguments.GetValue(verify) ? storage.Blobs(arguments).GetBlobContainerClient(LakePath.Container) : null;

            var report = await new LoadTest(options, run, senders, lake, new LoadProgress(ErrorConsole.Create(), time), time).RunAsync(token);
            output.Write(arguments, report, report.View);
            return report.Accepted == 0 || (lake is not null && report.Lake is not { Missing: 0, Repeated: 0 }) ? 1 : 0;
        });
        return command;
    }

    private static Uri[] Urls(string[]? given, StorageOptions storage, ParseResult arguments) =>
        given is { Length: > 0 } ? [.. given.Select(AppUrl.Parse)] : [new Uri(storage.Local(arguments).Url)];

    private static Option<T> Bounded<T>(string name, string description, T value, T most)
        where T : System.Numerics.INumber<T>
    {
        var option = new Option<T>(name) { Description = description, DefaultValueFactory = _ => value };
        option.Validators.Add(result =>
        {
            if (!(result.GetValueOrDefault<T>() is var number && number > T.Zero && number <= most))
            {
                result.AddError(FormattableString.Invariant($"{name} takes a number over 0, up to {most:N0}."));
            }
        });
        return option;
    }
}
