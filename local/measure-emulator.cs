// Measures the Event Hubs emulator as a process of its own: events in and out at the same time, and its memory.
//   dotnet run local/measure-emulator.cs -- [events] [bytes of each] [events a message] [further options of the emulator]
// such as: dotnet run local/measure-emulator.cs -- 1000000 1024 1

#:project Kixo.EventHubsEmulator/Kixo.EventHubsEmulator.csproj
#:package AMQPNetLite
#:property PublishAot=false

using System.Diagnostics;
using Amqp;
using Amqp.Framing;
using Amqp.Types;
using Kixo.EventHubsEmulator;

const int Partitions = 4;
const int OutstandingBytes = 4 * 1024 * 1024; // of each sender
var events = args.Length > 0 ? int.Parse(args[0]) : 1_000_000;
var size = args.Length > 1 ? int.Parse(args[1]) : 1024;
var together = args.Length > 2 ? int.Parse(args[2]) : 1;
var time = TimeProvider.System;

var folder = Directory.CreateTempSubdirectory("kixo-measure-").FullName;
var start = new ProcessStartInfo(
    Environment.ProcessPath is { } host && Path.GetFileNameWithoutExtension(host) == "dotnet" ? host : "dotnet",
    [typeof(Emulator).Assembly.Location, "--port", "0", "--data", folder, "--hub", $"events:{Partitions}", .. args.Skip(3)]) { RedirectStandardOutput = true };
using var emulator = Process.Start(start)!;
try
{
    var port = int.Parse((await emulator.StandardOutput.ReadLineAsync())!.Split("127.0.0.1:")[1].Split([',', ' '])[0]);
    var perPartition = events / Partitions / together * together;
    var begun = time.GetTimestamp();
    var readers = Task.WhenAll(Enumerable.Range(0, Partitions).Select(partition => ReadAsync(port, partition, perPartition)));
    await Task.WhenAll(Enumerable.Range(0, Partitions).Select(partition => SendAsync(port, partition, perPartition)));
    var sent = time.GetElapsedTime(begun);
    await readers;
    var received = time.GetElapsedTime(begun);
    emulator.Refresh();
    var total = perPartition * Partitions;
    Console.WriteLine($"{total:N0} events of {size:N0} bytes, {together} a message, on {Environment.ProcessorCount} cores:");
    Console.WriteLine($"  in   {total / sent.TotalSeconds:N0}/s, {sent.TotalSeconds:N1} s");
    Console.WriteLine($"  out  {total / received.TotalSeconds:N0}/s, {received.TotalSeconds:N1} s (from the first sent to the last received)");
    Console.WriteLine($"  the emulator: {emulator.PeakWorkingSet64 / 1048576:N0} MB resident at most, {emulator.WorkingSet64 / 1048576:N0} MB at the end; {emulator.TotalProcessorTime.TotalSeconds:N0} s of processor time (clients: {Environment.CpuUsage.TotalTime.TotalSeconds:N0} s)");
}
finally
{
    emulator.Kill();
    await emulator.WaitForExitAsync();
    Directory.Delete(folder, recursive: true);
}

async Task SendAsync(int port, int partition, int count)
{
    var session = new Session(await ConnectAsync(port));
    var link = new SenderLink(session, $"in-{partition}", $"events/Partitions/{partition}");
    using var slots = new SemaphoreSlim(Math.Clamp(OutstandingBytes / (size * together), 1, 1000));
    var single = new Message { BodySection = new Data { Binary = new byte[size] } };
    var encoded = single.Encode();
    var section = new Data { Binary = encoded.Buffer.AsSpan(encoded.Offset, encoded.Length).ToArray() };
    for (var number = 0; number < count; number += together)
    {
        await slots.WaitAsync();
        Message message;
        if (together == 1)
        {
            message = new() { BodySection = single.BodySection };
        }
        else
        {
            var sections = new DataList();
            for (var each = 0; each < together; each++)
            {
                sections.Add(section);
            }

            message = new() { Format = 0x80013700, BodySection = sections };
        }

        link.Send(message, (_, _, outcome, _) =>
        {
            if (outcome is not Accepted)
            {
                Environment.FailFast($"An event was not accepted: {outcome}");
            }

            slots.Release();
        }, null);
    }

    while (slots.CurrentCount < Math.Clamp(OutstandingBytes / (size * together), 1, 1000))
    {
        await Task.Delay(TimeSpan.FromMilliseconds(5), time);
    }
}

async Task ReadAsync(int port, int partition, int count)
{
    var attach = new Attach
    {
        Source = new Source { Address = $"events/ConsumerGroups/$Default/Partitions/{partition}" },
        Target = new Target(),
        SndSettleMode = SenderSettleMode.Settled,
    };
    var link = new ReceiverLink(new Session(await ConnectAsync(port)), $"out-{partition}", attach, null);
    var done = new TaskCompletionSource();
    var next = 0L;
    link.Start(300, (_, message) =>
    {
        link.Accept(message);
        if ((long)message.MessageAnnotations[new Symbol("x-opt-sequence-number")] != next || ((byte[])message.Body).Length != size)
        {
            Environment.FailFast($"Event {next} of partition {partition} is not what was sent.");
        }

        if (++next == count)
        {
            done.SetResult();
        }
    });
    await done.Task;
}

static async Task<Connection> ConnectAsync(int port)
{
    var factory = new ConnectionFactory();
    factory.SASL.Profile = Amqp.Sasl.SaslProfile.Anonymous;
    factory.AMQP.ContainerId = Guid.NewGuid().ToString("N");
    return await factory.CreateAsync(new Address($"amqp://127.0.0.1:{port}"));
}
