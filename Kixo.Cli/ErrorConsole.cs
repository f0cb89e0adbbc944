using Spectre.Console;

namespace Kixo.Cli;

/// <summary>The console for what is said of progress: beside the result, which a program may read.</summary>
internal static class ErrorConsole
{
    private static readonly TimeSpan Interval = TimeSpan.FromMilliseconds(250);

    public static IAnsiConsole Create()
    {
        var console = AnsiConsole.Create(new AnsiConsoleSettings { Out = new AnsiConsoleOutput(Console.Error) });
        console.Profile.Width = Console.IsErrorRedirected ? 1000 : console.Profile.Width;
        return console;
    }

    /// <summary>Says how far some work is, only where somebody looks on.</summary>
    public static async Task WhileAsync(Task work, Func<string> progress, CancellationToken cancellationToken)
    {
        if (Console.IsErrorRedirected)
        {
            await work;
            return;
        }

        await Create().Status().StartAsync("Listing …", async status =>
        {
            while (await Task.WhenAny(work, Task.Delay(Interval, TimeProvider.System, cancellationToken)) != work && !cancellationToken.IsCancellationRequested)
            {
                status.Status(Markup.Escape(progress()));
            }

            await work;
        });
    }
}
