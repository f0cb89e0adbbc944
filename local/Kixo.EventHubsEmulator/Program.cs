using System.CommandLine;
using Kixo.EventHubsEmulator;
using Kixo.EventHubsEmulator.Configuration;
using Spectre.Console;

if (Console.IsOutputRedirected)
{
    AnsiConsole.Profile.Width = 1000; // nobody's terminal to wrap for
}

var console = AnsiConsole.Console;
var command = CommandLine.Create(async (settings, stop) =>
{
    var options = settings.ToOptions(console.WriteLine);
    await using (var emulator = await Emulator.StartAsync(options, TimeProvider.System, stop))
    {
        console.WriteLine($"Event Hubs emulator listens on 127.0.0.1:{emulator.Port}{(options.Certificate is null ? "" : " (TLS)")}, hubs {string.Join(", ", options.Hubs.Select(hub => $"{hub.Name} ({hub.Partitions})"))}. Data: {Path.GetFullPath(options.DataFolder)}");
        console.WriteLine(options.SharedAccessKeys.Count == 0 ? emulator.ConnectionString : "Tokens are checked: connection strings need a key.");
        console.WriteLine("Ctrl+C stops it.");
        await StatusLine.ShowAsync(emulator, console, TimeProvider.System, stop);
    }

    console.WriteLine("Stopped.");
    return 0;
});

return await command.Parse(args).InvokeAsync(new InvocationConfiguration { ProcessTerminationTimeout = TimeSpan.FromSeconds(30) });
