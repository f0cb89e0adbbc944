using Azure.Messaging.EventHubs;
using Azure.Messaging.EventHubs.Consumer;
using Azure.Messaging.EventHubs.Primitives;
using Azure.Messaging.EventHubs.Producer;

namespace Kixo.Tests.StandIns.EventHubs;

public sealed class ReceivingTests(RunningEmulator emulator) : IClassFixture<RunningEmulator>
{
    private static readonly SendEventOptions Partition0 = new() { PartitionId = "0" };
    private static readonly SendEventOptions Partition2 = new() { PartitionId = "2" };

    [Fact]
    public async Task EveryKindOfPosition_StartsWhereItSays()
    {
        var sent = await SendAsync(Partition0, 5);
        var third = sent[2];

        Assert.Equal(sent[0].SequenceNumber, await FirstAsync(EventPosition.FromSequenceNumber(sent[0].SequenceNumber)));
        Assert.Equal(sent[0].SequenceNumber, await FirstAsync(EventPosition.Earliest));
        Assert.Equal(third.SequenceNumber, await FirstAsync(EventPosition.FromSequenceNumber(third.SequenceNumber)));
        Assert.Equal(sent[3].SequenceNumber, await FirstAsync(EventPosition.FromSequenceNumber(third.SequenceNumber, isInclusive: false)));
        Assert.Equal(third.SequenceNumber, await FirstAsync(EventPosition.FromOffset(third.OffsetString!)));
        Assert.Equal(sent[3].SequenceNumber, await FirstAsync(EventPosition.FromOffset(third.OffsetString!, isInclusive: false)));
        Assert.Equal(sent[0].SequenceNumber, await FirstAsync(EventPosition.FromEnqueuedTime(sent[0].EnqueuedTime.AddMilliseconds(-1))));
        await AssertNoneAsync(EventPosition.FromEnqueuedTime(sent[4].EnqueuedTime.AddMilliseconds(1)));
        await AssertNoneAsync(EventPosition.Latest);

        async Task<long> FirstAsync(EventPosition position)
        {
            await using var receiver = emulator.Receiver("0", position);
            return Assert.Single(await receiver.TakeAsync(1)).SequenceNumber;
        }

        async Task AssertNoneAsync(EventPosition position)
        {
            await using var receiver = emulator.Receiver("0", position);
            Assert.Empty(await receiver.ReceiveBatchAsync(1, TimeSpan.FromSeconds(1)));
        }
    }

    [Fact]
    public async Task Latest_SeesOnlyWhatComesAfterwards()
    {
        await SendAsync(Partition2, 1);
        await using var receiver = emulator.Receiver("2", EventPosition.Latest);
        Assert.Empty(await receiver.ReceiveBatchAsync(10, TimeSpan.FromMilliseconds(200)));

        var waiting = receiver.ReceiveBatchAsync(10, TimeSpan.FromSeconds(10));
        var sent = await SendAsync(Partition2, 1);

        Assert.Equal(sent[0].SequenceNumber, Assert.Single(await waiting).SequenceNumber);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(7)]
    [InlineData(300)]
    public async Task EveryEvent_ComesOnce_InOrder_WhateverThePrefetch(int prefetchCount)
    {
        var start = await emulator.EndAsync("2");
        await using var producer = emulator.Producer();
        for (var i = 0; i < 10; i++)
        {
            await producer.SendAsync(Enumerable.Range(0, 100).Select(j => new EventData($"{(i * 100) + j}")), Partition2);
        }

        await using var receiver = emulator.Receiver("2", start, new PartitionReceiverOptions { PrefetchCount = prefetchCount });
        var received = (await receiver.TakeAsync(1_000, batchSize: 33)).Select(each => each.EventBody.ToString());

        Assert.Equal(Enumerable.Range(0, 1_000).Select(i => $"{i}"), received);
        Assert.Empty(await receiver.ReceiveBatchAsync(33, TimeSpan.FromMilliseconds(300)));
    }

    [Fact]
    public async Task NothingThere_IsAnEmptyBatch_AfterTheWait()
    {
        await using var receiver = emulator.Receiver("3", EventPosition.Latest);
        await receiver.ReceiveBatchAsync(10, TimeSpan.Zero);
        var started = TimeProvider.System.GetTimestamp();

        Assert.Empty(await receiver.ReceiveBatchAsync(10, TimeSpan.FromMilliseconds(300)));

        Assert.InRange(TimeProvider.System.GetElapsedTime(started).TotalMilliseconds, 250, 5_000);
    }

    [Fact]
    public async Task CanceledWait_IsCanceled_AndLosesNothing()
    {
        await using var receiver = emulator.Receiver("2", EventPosition.Latest);
        await receiver.ReceiveBatchAsync(10, TimeSpan.FromMilliseconds(200));
        using var cancellation = new CancellationTokenSource();
        var waiting = receiver.ReceiveBatchAsync(10, TimeSpan.FromMinutes(1), cancellation.Token);

        await cancellation.CancelAsync();

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => waiting);
        var sent = await SendAsync(Partition2, 1);
        Assert.Equal(sent[0].SequenceNumber, Assert.Single(await receiver.TakeAsync(1)).SequenceNumber);
    }

    [Fact]
    public async Task HigherOwnerLevel_TakesThePartition()
    {
        await using var first = emulator.Receiver("3", EventPosition.Latest, new PartitionReceiverOptions { OwnerLevel = 1 });
        await first.ReceiveBatchAsync(1, TimeSpan.FromMilliseconds(200));
        var waiting = first.ReceiveBatchAsync(1, TimeSpan.FromSeconds(20));

        await using var second = emulator.Receiver("3", EventPosition.Latest, new PartitionReceiverOptions { OwnerLevel = 2 });
        await second.ReceiveBatchAsync(1, TimeSpan.FromMilliseconds(200));

        await AssertDisconnectedAsync(() => waiting);
        await AssertDisconnectedAsync(() => first.ReceiveBatchAsync(1, TimeSpan.FromSeconds(1)));
        await using var third = emulator.Receiver("3", EventPosition.Latest, new PartitionReceiverOptions { OwnerLevel = 1 });
        await AssertDisconnectedAsync(() => third.ReceiveBatchAsync(1, TimeSpan.FromSeconds(1)));
        Assert.Empty(await second.ReceiveBatchAsync(1, TimeSpan.FromMilliseconds(200)));
    }

    [Fact]
    public async Task PrefetchedEvents_AreNotHandedOut_OnceThePartitionIsLost()
    {
        var start = await emulator.EndAsync("1");
        await using var producer = emulator.Producer();
        await producer.SendAsync(Enumerable.Range(0, 10).Select(i => new EventData($"{i}")), new SendEventOptions { PartitionId = "1" });
        await using var first = emulator.Receiver("1", start, new PartitionReceiverOptions { OwnerLevel = 1 });
        Assert.Single(await first.TakeAsync(1));

        await using var second = emulator.Receiver("1", start, new PartitionReceiverOptions { OwnerLevel = 1 });
        Assert.Equal(10, (await second.TakeAsync(10)).Count);

        await AssertDisconnectedAsync(() => first.ReceiveBatchAsync(1, TimeSpan.FromSeconds(5)));
    }

    [Fact]
    public async Task UnknownPartition_IsNotFoundOrRefused()
    {
        await using var receiver = emulator.Receiver("17", EventPosition.Earliest);
        var refused = await Assert.ThrowsAsync<EventHubsException>(() => receiver.ReceiveBatchAsync(1, TimeSpan.FromSeconds(1)));
        Assert.False(refused.IsTransient);
    }

    [Fact]
    public async Task ClosedReceiver_SaysSo_AlsoToAWaitingCall()
    {
        var receiver = emulator.Receiver("3", EventPosition.Latest);
        await receiver.ReceiveBatchAsync(1, TimeSpan.FromMilliseconds(100));
        var waiting = receiver.ReceiveBatchAsync(1, TimeSpan.FromSeconds(20));

        await receiver.CloseAsync();

        Assert.True(receiver.IsClosed);
        Assert.Equal(EventHubsException.FailureReason.ClientClosed, (await Assert.ThrowsAsync<EventHubsException>(() => waiting)).Reason);
        var refused = await Assert.ThrowsAsync<EventHubsException>(async () => await receiver.ReceiveBatchAsync(1));
        Assert.Equal(EventHubsException.FailureReason.ClientClosed, refused.Reason);
    }

    private static async Task AssertDisconnectedAsync(Func<Task> receive)
    {
        var lost = await Assert.ThrowsAsync<EventHubsException>(receive);
        Assert.Equal(EventHubsException.FailureReason.ConsumerDisconnected, lost.Reason);
        Assert.False(lost.IsTransient);
    }

    private async Task<List<EventData>> SendAsync(SendEventOptions partition, int count)
    {
        var start = await emulator.EndAsync(partition.PartitionId!);
        await using var producer = emulator.Producer();
        for (var i = 0; i < count; i++)
        {
            await producer.SendAsync([new EventData($"{i}")], partition);
            await Task.Delay(TimeSpan.FromMilliseconds(5), TimeProvider.System, CancellationToken.None);
        }

        await using var receiver = emulator.Receiver(partition.PartitionId!, start);
        return await receiver.TakeAsync(count);
    }
}
