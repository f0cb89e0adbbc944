using System.CommandLine;
using Kixo.EventHubsEmulator;

var port = new Option<int>("--port") { Description = "TCP port on 127.0.0.1; 0 takes any free one", DefaultValueFactory = _ => 5672 };
var data = new Option<string>("--data") { Description = "Folder of the stored events", DefaultValueFactory = _ => "./.eventhubs" };
var hubs = new Option<HubOptions[]>("--hub")
{
    Description = "A hub as name:partitions; may be repeated [default: events:4]",
    CustomParser = HubArgument.Parse,
};

var command = new RootCommand("Event Hubs over AMQP 1.0, for development and tests") { port, data, hubs };
command.SetAction(async (arguments, stop) =>
{
    try
    {
        var options = new EmulatorOptions
        {
            Port = arguments.GetValue(port),
            DataFolder = arguments.GetRequiredValue(data),
            Hubs = arguments.GetValue(hubs) is { Length: > 0 } named ? named : [new("events", 4)],
        };
        await using var emulator = await Emulator.StartAsync(options, TimeProvider.System, stop);
        Console.WriteLine($"Event Hubs emulator listens on 127.0.0.1:{emulator.Port}: {emulator.ConnectionString}");
        await Task.Delay(Timeout.InfiniteTimeSpan, TimeProvider.System, stop).ContinueWith(_ => { }, TaskScheduler.Default);
        return 0;
    }
    catch (Exception exception) when (exception is IOException or ArgumentException)
    {
        await Console.Error.WriteLineAsync(exception.Message);
        return 1;
    }
});

return await command.Parse(args).InvokeAsync();
