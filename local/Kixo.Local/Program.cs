using System.CommandLine;
using Kixo.Cli;
using Kixo.Local;
using Spectre.Console;

if (Console.IsOutputRedirected)
{
    AnsiConsole.Profile.Width = 1000; // nobody's terminal to wrap for
}

var port = new Option<int>("--port") { Description = "Where the app listens on 127.0.0.1.", DefaultValueFactory = _ => 7071 };
var data = new Option<string>("--data") { Description = "Where everything is kept.", DefaultValueFactory = _ => LocalRun.DefaultFolder };
var reset = new Option<bool>("--reset") { Description = "Begin with an empty data folder." };
var noApp = new Option<bool>("--no-app") { Description = "Start storage and hub only, for an app that you start yourself ('func start')." };
var root = new RootCommand("Runs Kixo on this machine: Azure Storage (Azurite), an Event Hubs emulator, and the app.") { port, data, reset, noApp };
root.SetAction(async (arguments, token) =>
{
    var options = new LocalOptions(
        arguments.GetValue(port), arguments.GetValue(data)!, arguments.GetValue(reset), WithApp: !arguments.GetValue(noApp));
    return await new LocalRunner(AnsiConsole.Console, TimeProvider.System).RunAsync(options, token);
});
return await root.Parse(args).InvokeAsync(new InvocationConfiguration { ProcessTerminationTimeout = TimeSpan.FromMinutes(1) });
