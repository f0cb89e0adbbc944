using System.Buffers.Binary;
using System.Collections.Concurrent;
using Amqp;
using Amqp.Framing;
using Amqp.Types;
using Kixo.EventHubsEmulator;
using Kixo.Local;
using Kixo.Tests.Support;
using Xunit.Abstractions;

namespace Kixo.Tests.EventHubsEmulator;

[Collection(nameof(RunsAlone))]
public sealed class KillTests(ITestOutputHelper output) : IDisposable
{
    private const int Rounds = 20;
    private const int Partitions = 2;
    private const int Outstanding = 100;
    private const string Filter = "amqp.annotation.x-opt-sequence-number > ";
    private static readonly Symbol SequenceNumber = new("x-opt-sequence-number");

    private readonly TestFolder _folder = new();
    private readonly int _port = Ports.Free();
    private readonly Random _random = new(1);

    public void Dispose() => _folder.Dispose();

    [UnixFact]
    public async Task KilledUnderLoadTwentyTimes_AllThatWasAcknowledgedIsThereInOrderOnce()
    {
        var senders = Enumerable.Range(0, Partitions).Select(partition => new Sender($"events/Partitions/{partition}")).ToList();
        for (var round = 0; round < Rounds; round++)
        {
            await using var emulator = await StartAsync();
            await using var client = await AmqpClient.ConnectAsync(_port);
            var before = senders.Sum(sender => sender.Acknowledged.Count);
            using var stop = new CancellationTokenSource();
            var sending = senders.ConvertAll(sender => sender.RunAsync(client, stop.Token));

            var wanted = before + _random.Next(50, 400);
            await TestStack.EventuallyAsync(() => Task.FromResult(senders.Sum(sender => sender.Acknowledged.Count) >= wanted), () => $"{wanted} acknowledged events");
            await emulator.KillAsync();
            await stop.CancelAsync();
            await Task.WhenAll(sending);
        }

        await using var last = await StartAsync();
        await using var reader = await AmqpClient.ConnectAsync(_port);
        foreach (var (partition, sender) in senders.Index())
        {
            var stored = await ReadAsync(reader, partition);
            Assert.Equal(Enumerable.Range(0, stored.Count).Select(number => (long)number), stored.Select(one => one.SequenceNumber));
            Assert.True(stored.Zip(stored.Skip(1)).All(pair => pair.First.Id < pair.Second.Id), "in the order of sending, none twice");
            Assert.Empty(sender.Acknowledged.Keys.Except(stored.Select(one => one.Id)));
            output.WriteLine($"partition {partition}: {sender.Sent} sent, {sender.Acknowledged.Count} acknowledged, {stored.Count} stored");
        }

        await last.TerminateAsync();
        Assert.Equal(0, last.ExitCode);
    }

    private async Task<TestProgram> StartAsync()
    {
        var program = TestProgram.Start(typeof(Emulator).Assembly, _folder.Path, ["--port", $"{_port}", "--data", "data", "--hub", $"events:{Partitions}"]);
        await program.SaidAsync("Ctrl+C stops it.");
        return program;
    }

    private static async Task<List<(long SequenceNumber, long Id)>> ReadAsync(AmqpClient client, int partition)
    {
        var description = (Map)(await client.RequestAsync(
            "$management", ("operation", "READ"), ("type", "com.microsoft:partition"), ("name", "events"), ("partition", $"{partition}"))).Body;
        var receiver = await client.AttachReceiverAsync($"events/ConsumerGroups/$Default/Partitions/{partition}", Filter + "-1");
        receiver.SetCredit(200);
        var messages = await AmqpClient.TakeAsync(receiver, (int)(long)description["last_enqueued_sequence_number"] + 1);
        await receiver.CloseAsync();
        return messages.ConvertAll(message => (
            (long)message.MessageAnnotations[SequenceNumber], BinaryPrimitives.ReadInt64LittleEndian((byte[])message.Body)));
    }

    /// <summary>Sends events with rising ids, over all rounds, and notes what is acknowledged.</summary>
    private sealed class Sender(string address)
    {
        private readonly Random _random = new(2);

        public long Sent { get; private set; }

        public ConcurrentDictionary<long, bool> Acknowledged { get; } = new();

        /// <summary>Runs until told to stop, also when the connection has broken.</summary>
        public async Task RunAsync(AmqpClient client, CancellationToken stop)
        {
            using var slots = new SemaphoreSlim(Outstanding);
            try
            {
                var link = new SenderLink(new Session(client.Connection), Guid.NewGuid().ToString("N"), address);
                while (true)
                {
                    await slots.WaitAsync(stop);
                    var id = Sent++;
                    var body = new byte[_random.Next(10) == 0 ? _random.Next(8, 100_000) : _random.Next(8, 1000)];
                    BinaryPrimitives.WriteInt64LittleEndian(body, id);
                    link.Send(AmqpClient.Event(body), (_, _, outcome, _) =>
                    {
                        if (outcome is Accepted)
                        {
                            Acknowledged[id] = true;
                            slots.Release();
                        }
                    }, null);
                }
            }
            catch (Exception exception) when (exception is AmqpException or OperationCanceledException or ObjectDisposedException)
            {
                // The emulator was killed.
            }
        }
    }
}
