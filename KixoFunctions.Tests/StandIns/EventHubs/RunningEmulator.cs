using Azure.Messaging.EventHubs;
using Azure.Messaging.EventHubs.Consumer;
using Azure.Messaging.EventHubs.Primitives;
using Azure.Messaging.EventHubs.Producer;
using Kixo.EventHubsEmulator;

namespace Kixo.Tests.StandIns.EventHubs;

/// <summary>An emulator with the hub <c>events</c> of four partitions, and clients of it. It can be stopped and started on the same port and data.</summary>
public sealed class RunningEmulator : IAsyncLifetime
{
    public const string Hub = "events";

    private readonly string _folder = Directory.CreateTempSubdirectory("kixo-eventhubs-").FullName;
    private Emulator? _emulator;

    public string ConnectionString { get; private set; } = "";

    public Task InitializeAsync() => StartAsync(0);

    public async Task DisposeAsync()
    {
        await StopAsync();
        Directory.Delete(_folder, recursive: true);
    }

    public async Task StopAsync()
    {
        if (_emulator is not null)
        {
            await _emulator.DisposeAsync();
            _emulator = null;
        }
    }

    public Task StartAgainAsync() => StartAsync(new Uri(ConnectionString.Split(';')[0]["Endpoint=".Length..]).Port);

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
        return properties.IsEmpty ? EventPosition.Earliest : EventPosition.FromSequenceNumber(properties.LastEnqueuedSequenceNumber, isInclusive: false);
    }

    private async Task StartAsync(int port)
    {
        _emulator = await Emulator.StartAsync(
            new EmulatorOptions { Port = port, DataFolder = _folder, Hubs = [new(Hub, 4)] }, TimeProvider.System, CancellationToken.None);
        ConnectionString = _emulator.ConnectionString;
    }
}
