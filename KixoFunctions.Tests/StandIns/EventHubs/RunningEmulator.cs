using Azure.Messaging.EventHubs;
using Azure.Messaging.EventHubs.Consumer;
using Azure.Messaging.EventHubs.Primitives;
using Azure.Messaging.EventHubs.Producer;
using Kixo.EventHubsEmulator;
using Kixo.Local;
using Kixo.Tests.Support;

namespace Kixo.Tests.StandIns.EventHubs;

/// <summary>An emulator with the hub <c>events</c> of four partitions, and clients of it. It can be stopped and started on the same port and data.</summary>
public sealed class RunningEmulator : IAsyncLifetime
{
    public const string Hub = "events";

    private readonly TestFolder _folder = new();
    private readonly int _port = Ports.Free();
    private Emulator? _emulator;

    public string ConnectionString => _emulator!.ConnectionString;

    public Task InitializeAsync() => StartAgainAsync();

    public async Task DisposeAsync()
    {
        await StopAsync();
        _folder.Dispose();
    }

    public async Task StopAsync()
    {
        if (_emulator is not null)
        {
            await _emulator.DisposeAsync();
            _emulator = null;
        }
    }

    public async Task StartAgainAsync() => _emulator = await Emulator.StartAsync(
        new EmulatorOptions { Port = _port, DataFolder = _folder.Path, Hubs = [new(Hub, 4)] }, TimeProvider.System, CancellationToken.None);

    public EventHubProducerClient Producer(EventHubsRetryOptions? retries = null) =>
        new(ConnectionString, Hub, new EventHubProducerClientOptions { RetryOptions = retries ?? new EventHubsRetryOptions() });

    public EventHubConsumerClient Consumer() => new(EventHubConsumerClient.DefaultConsumerGroupName, ConnectionString, Hub);

    public PartitionReceiver Receiver(string partitionId, EventPosition position, PartitionReceiverOptions? options = null) =>
        new(EventHubConsumerClient.DefaultConsumerGroupName, partitionId, position, ConnectionString, Hub, options);

    /// <summary>The position behind everything that is in the partition now.</summary>
    public async Task<EventPosition> EndAsync(string partitionId)
    {
        await using var consumer = Consumer();
        var properties = await consumer.GetPartitionPropertiesAsync(partitionId);
        return Behind(properties.IsEmpty ? -1 : properties.LastEnqueuedSequenceNumber);
    }

    /// <summary>The number of each partition's last event; -1 where there is none.</summary>
    public async Task<Dictionary<string, long>> LastNumbersAsync()
    {
        await using var consumer = Consumer();
        var numbers = new Dictionary<string, long>();
        foreach (var id in await consumer.GetPartitionIdsAsync())
        {
            numbers[id] = (await consumer.GetPartitionPropertiesAsync(id)).LastEnqueuedSequenceNumber;
        }

        return numbers;
    }

    /// <summary>All that has come into the partitions since those were their last numbers.</summary>
    public async Task<List<(string Partition, EventData Event)>> SinceAsync(Dictionary<string, long> before)
    {
        var found = new List<(string, EventData)>();
        foreach (var (id, last) in await LastNumbersAsync())
        {
            await using var receiver = Receiver(id, Behind(before[id]));
            found.AddRange((await receiver.TakeAsync((int)(last - before[id]))).Select(each => (id, each)));
        }

        return found;
    }

    private static EventPosition Behind(long number) =>
        number < 0 ? EventPosition.Earliest : EventPosition.FromSequenceNumber(number, isInclusive: false);
}
