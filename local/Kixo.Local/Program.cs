using System.CommandLine;
using Kixo.Cli;
using Kixo.Local;
using Spectre.Console;

if (Console.IsOutputRedirected)
{
    AnsiConsole.Profile.Width = 1000; // nobody's terminal to wrap for
}

var port = new Option<int>("--port") { Description = "Where the app listens on 127.0.0.1; further instances on the ports behind it.", DefaultValueFactory = _ => 7071 };
var instances = new Option<int>("--instances")
{
    Description = $"How many instances of the app, 1 to {LocalOptions.MostInstances}, on one storage and hub.",
    DefaultValueFactory = _ => 1,
    CustomParser = result =>
    {
        if (!int.TryParse(result.Tokens[0].Value, out var count) || count is < 1 or > LocalOptions.MostInstances)
        {
            result.AddError($"--instances takes a number from 1 to {LocalOptions.MostInstances}.");
        }

        return count;
    },
};
var data = new Option<string>("--data") { Description = "Where everything is kept.", DefaultValueFactory = _ => LocalRun.DefaultFolder };
var reset = new Option<bool>("--reset") { Description = "Begin with an empty data folder." };
var noApp = new Option<bool>("--no-app") { Description = "Start storage and hub only, for an app that you start yourself ('func start')." };
var root = new RootCommand("Runs Kixo on this machine: Azure Storage (Azurite), an Event Hubs emulator, and the app.") { port, instances, data, reset, noApp };
root.SetAction(async (arguments, token) =>
{
    var options = new LocalOptions(
        arguments.GetValue(port), arguments.GetValue(data)!, arguments.GetValue(reset),
        Instances: arguments.GetValue(noApp) ? 0 : arguments.GetValue(instances));
    return await new LocalRunner(AnsiConsole.Console, TimeProvider.System).RunAsync(options, token);
});
return await root.Parse(args).InvokeAsync(new InvocationConfiguration { ProcessTerminationTimeout = TimeSpan.FromMinutes(1) });
