using System.CommandLine;
using System.Net.Sockets;
using Azure;
using Azure.Identity;
using Kixo.Cli;
using Kixo.Cli.Completion;
using Kixo.Cli.Doctor;
using Kixo.Cli.Events;
using Kixo.Cli.Keys;
using Kixo.Cli.Letters;
using Kixo.Cli.Load;
using Kixo.Cli.Projects;
using Kixo.Cli.Query;
using Kixo.Cli.Verify;
using Spectre.Console;

if (Console.IsOutputRedirected)
{
    AnsiConsole.Profile.Width = 1000; // nobody's terminal to wrap for
}

var storage = new StorageOptions();
var output = new Output(AnsiConsole.Console);
var root = new RootCommand("kixo: projects, API keys and stored events, of a local run or of Azure.")
{
    ProjectCommands.Create(storage, output),
    KeyCommands.Create(storage, output),
    EventsCommand.Create(storage, output),
    LoadCommand.Create(storage, output),
    QueryCommand.Create(storage, output),
    VerifyCommand.Create(storage, output),
    DoctorCommand.Create(storage, output),
    CompletionCommand.Create(output),
    LetterCommands.Create(storage, output),
};
root.Options.Add(storage.Storage);
root.Options.Add(storage.Data);
root.Options.Add(output.Format);

try
{
    return await root.Parse(args).InvokeAsync(new InvocationConfiguration
    {
        EnableDefaultExceptionHandler = false,
        ProcessTerminationTimeout = TimeSpan.FromSeconds(10), // after Ctrl+C, for a load's requests under way
    });
}
catch (CliException e)
{
    await Console.Error.WriteLineAsync(e.Message);
    return 1;
}
catch (AuthenticationFailedException e)
{
    await Console.Error.WriteLineAsync($"Azure does not know who you are: {e.Message}");
    return 1;
}
catch (Exception e) when (e is RequestFailedException or AggregateException && Diagnosis.Cause(e).GetBaseException() is SocketException)
{
    await Console.Error.WriteLineAsync("The storage does not answer. If it is a local run's, start that again: dotnet run --project local/Kixo.Local");
    return 1;
}
catch (Exception e) when (e is RequestFailedException or AggregateException)
{
    await Console.Error.WriteLineAsync($"The storage did not do it: {Diagnosis.Line(e)}");
    return 1;
}
catch (Exception e) when (e is IOException or UnauthorizedAccessException)
{
    await Console.Error.WriteLineAsync($"A file or folder on this machine cannot be used: {e.Message}");
    return 1;
}
catch (OperationCanceledException)
{
    return 130;
}
