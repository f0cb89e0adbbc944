using System.Net;
using System.Net.Sockets;
using Azure.Messaging.EventHubs;
using Azure.Messaging.EventHubs.Consumer;
using Azure.Messaging.EventHubs.Producer;

namespace Kixo.Tests.StandIns.EventHubs;

public sealed class ReconnectTests : IAsyncLifetime
{
    private static readonly SendEventOptions Partition0 = new() { PartitionId = "0" };
    private readonly RunningEmulator _emulator = new();

    public Task InitializeAsync() => _emulator.InitializeAsync();

    public Task DisposeAsync() => _emulator.DisposeAsync();

    [Fact]
    public async Task ProducerAndReceiver_GoOn_WhenTheServerHasComeBack()
    {
        await using var producer = _emulator.Producer();
        await using var receiver = _emulator.Receiver("0", EventPosition.Earliest);
        await producer.SendAsync([new EventData("1"), new EventData("2"), new EventData("3")], Partition0);
        Assert.Equal("1", Assert.Single(await receiver.TakeAsync(1)).EventBody.ToString());

        await _emulator.StopAsync();
        await _emulator.StartAgainAsync();

        await producer.SendAsync([new EventData("4")], Partition0);
        Assert.Equal(["2", "3", "4"], (await receiver.TakeAsync(3)).Select(each => each.EventBody.ToString()));
    }

    [Fact]
    public async Task SendsWhileTheServerIsAway_AreRetried()
    {
        await using var producer = _emulator.Producer(new EventHubsRetryOptions
        {
            Mode = EventHubsRetryMode.Fixed, Delay = TimeSpan.FromMilliseconds(200), MaximumRetries = 100,
        });
        await producer.SendAsync([new EventData("0")], Partition0);
        await _emulator.StopAsync();

        var sends = Enumerable.Range(1, 50).Select(i => producer.SendAsync([new EventData($"{i}")], Partition0)).ToList();
        await Task.Delay(TimeSpan.FromMilliseconds(500), TimeProvider.System, CancellationToken.None);
        Assert.DoesNotContain(sends, send => send.IsCompleted);
        await _emulator.StartAgainAsync();

        await Task.WhenAll(sends).WaitAsync(TimeSpan.FromSeconds(20), TimeProvider.System);
        await using var receiver = _emulator.Receiver("0", EventPosition.Earliest);
        Assert.Equal(Enumerable.Range(0, 51), (await receiver.TakeAsync(51)).Select(each => int.Parse(each.EventBody.ToString())).Order());
    }

    [Fact]
    public async Task TwoHundredConnects_InARow_NoneStalls()
    {
        for (var number = 0; number < 200; number++)
        {
            await using var producer = _emulator.Producer(new EventHubsRetryOptions { MaximumRetries = 0 });
            Assert.Equal(4, (await producer.GetPartitionIdsAsync()).Length);
        }
    }

    [Fact]
    public async Task ServerThatStaysAway_IsATransientFailure()
    {
        await using var producer = _emulator.Producer(new EventHubsRetryOptions { MaximumRetries = 1, Delay = TimeSpan.FromMilliseconds(10) });
        await _emulator.StopAsync();

        var failure = await Assert.ThrowsAsync<EventHubsException>(() => producer.SendAsync([new EventData("x")]));

        Assert.True(failure.IsTransient);
        Assert.Equal(EventHubsException.FailureReason.ServiceCommunicationProblem, failure.Reason);
        Assert.Equal(RunningEmulator.Hub, failure.EventHubName);
    }

    [Fact]
    public async Task ServerThatNeverAnswers_IsATimeout()
    {
        using var silent = new TcpListener(IPAddress.Loopback, 0);
        silent.Start();
        var connectionString =
            $"Endpoint=sb://127.0.0.1:{((IPEndPoint)silent.LocalEndpoint).Port};SharedAccessKeyName=n;SharedAccessKey=k;UseDevelopmentEmulator=true;EntityPath=events";
        await using var producer = new EventHubProducerClient(connectionString, new EventHubProducerClientOptions
        {
            RetryOptions = new EventHubsRetryOptions { MaximumRetries = 0, TryTimeout = TimeSpan.FromMilliseconds(300) },
        });

        var failure = await Assert.ThrowsAsync<EventHubsException>(() => producer.SendAsync([new EventData("x")]));

        Assert.True(failure.IsTransient);
        Assert.Equal(EventHubsException.FailureReason.ServiceTimeout, failure.Reason);
    }
}
