using CsCheck;
using Kixo.EventHubsEmulator.Storage;
using Kixo.Tests.Support;
using Microsoft.Extensions.Time.Testing;

namespace Kixo.Tests.EventHubsEmulator;

public sealed class PartitionLogTests : IDisposable
{
    private readonly TestFolder _folder = new();
    private readonly FakeTimeProvider _clock = new(new(2026, 5, 1, 12, 0, 0, TimeSpan.Zero));

    /// <summary>Segments of 128 KiB.</summary>
    private static LogOptions Small => new() { MaxBytes = 1 << 20 };

    private string LogFile => Directory.EnumerateFiles(_folder.Path).Order(StringComparer.Ordinal).Last();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task Append_Event_ReadsBackWithAllItsParts()
    {
        await using var log = PartitionLog.Open(_folder.Path, new(), _clock);
        await log.AppendAsync([new("ключ", new byte[] { 1, 2, 3 }), new(null, Array.Empty<byte>())]);

        var stored = await LogReading.AllAsync(log);

        Assert.Equal((0L, 0L, "ключ", _clock.GetUtcNow()), (stored[0].SequenceNumber, stored[0].Offset, stored[0].PartitionKey, stored[0].EnqueuedTime));
        Assert.Equal([1, 2, 3], stored[0].Message.ToArray());
        Assert.Equal((1L, null, 0), (stored[1].SequenceNumber, stored[1].PartitionKey, stored[1].Message.Length));
    }

    [Fact]
    public void Reopen_AnyAppends_KeepsAllAndContinuesTheSequence() =>
        Gen.Select(Gen.String[0, 20], Gen.Byte.Array[0, 300]).Array[1, 5].Array[1, 6].Sample(rounds =>
        {
            using var folder = new TestFolder();
            return KeepsAllAsync(folder.Path, rounds).GetAwaiter().GetResult();
        }, iter: 50);

    [Fact]
    public async Task Reopen_TornAtAnyByte_KeepsExactlyTheWholeRecords()
    {
        long wholeLength;
        await using (var log = PartitionLog.Open(_folder.Path, new(), _clock))
        {
            await log.AppendAsync([new("a", new byte[100]), new("b", new byte[50])]);
            wholeLength = log.End.Position;
            await log.AppendAsync([new("c", new byte[70])]);
        }

        var bytes = await File.ReadAllBytesAsync(LogFile);
        for (var cut = wholeLength; cut < bytes.Length; cut++)
        {
            await File.WriteAllBytesAsync(LogFile, bytes[..(int)cut]);
            await using var log = PartitionLog.Open(_folder.Path, new(), _clock);
            Assert.Equal((wholeLength, 1L), (log.End.Position, log.End.SequenceNumber));
            Assert.Equal(wholeLength, new FileInfo(LogFile).Length);
        }
    }

    [Fact]
    public async Task Reopen_AnyByteOfTheLastRecordChanged_CutsIt()
    {
        await using (var log = PartitionLog.Open(_folder.Path, new(), _clock))
        {
            await log.AppendAsync([new("a", new byte[10])]);
            await log.AppendAsync([new("b", new byte[10])]);
        }

        var bytes = await File.ReadAllBytesAsync(LogFile);
        for (var at = bytes.Length / 2; at < bytes.Length; at++)
        {
            var changed = bytes.ToArray();
            changed[at] ^= 0x40;
            await File.WriteAllBytesAsync(LogFile, changed);
            await using var log = PartitionLog.Open(_folder.Path, new(), _clock);
            Assert.Equal(0, log.End.SequenceNumber);
        }
    }

    [Fact]
    public async Task Append_AfterACut_ContinuesWithoutGap()
    {
        await using (var log = PartitionLog.Open(_folder.Path, new(), _clock))
        {
            await log.AppendAsync([new("a", new byte[100])]);
        }

        await File.AppendAllBytesAsync(LogFile, new byte[33]);
        await using (var log = PartitionLog.Open(_folder.Path, new(), _clock))
        {
            await log.AppendAsync([new("b", new byte[100])]);
        }

        await using var reopened = PartitionLog.Open(_folder.Path, new(), _clock);
        Assert.Equal([0, 1], (await LogReading.AllAsync(reopened)).Select(stored => stored.SequenceNumber));
    }

    [Fact]
    public async Task Append_ManyAtOnce_EachOnceAndInOrderOfTheCalls()
    {
        await using var log = PartitionLog.Open(_folder.Path, new(), _clock);

        await Task.WhenAll(Enumerable.Range(0, 5000).Select(number => log.AppendAsync([new(null, BitConverter.GetBytes(number))])));

        var stored = await LogReading.AllAsync(log);
        Assert.Equal(Enumerable.Range(0, 5000), stored.Select(one => BitConverter.ToInt32(one.Message.Span)));
        Assert.Equal(Enumerable.Range(0, 5000).Select(number => (long)number), stored.Select(one => one.SequenceNumber));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Find_EveryPosition_IsTheFirstEventAdmitted(bool reopened)
    {
        await using var first = PartitionLog.Open(_folder.Path, Small, _clock);
        var log = first;
        for (var number = 0; number < 40; number++)
        {
            await log.AppendAsync([new(null, new byte[number == 20 ? 200_000 : 20_000])]); // several segments and index entries
            _clock.Advance(TimeSpan.FromMilliseconds(number % 3)); // some share a time
        }

        if (reopened)
        {
            await first.DisposeAsync();
            log = PartitionLog.Open(_folder.Path, Small, _clock);
        }

        await using var _ = log;
        var stored = await LogReading.AllAsync(log);
        foreach (var at in (StartAt[])[StartAt.Offset, StartAt.SequenceNumber, StartAt.EnqueuedTime])
        {
            foreach (var one in stored)
            {
                var value = Value(one, at);
                Assert.Equal(First(stored, log, at, found => found >= value), log.Find(new(at, value, Inclusive: true)));
                Assert.Equal(First(stored, log, at, found => found > value), log.Find(new(at, value)));
            }
        }

        Assert.Equal(stored[0].Offset, log.Find(new(StartAt.Beginning)));
        Assert.Equal(log.End.Position, log.Find(new(StartAt.End)));
    }

    [Fact]
    public async Task EnqueuedTime_ClockGoesBack_NeverDecreases()
    {
        await using var log = PartitionLog.Open(_folder.Path, new(), _clock);
        await log.AppendAsync([new(null, new byte[1])]);
        var before = log.End.EnqueuedMilliseconds;

        _clock.AdjustTime(_clock.GetUtcNow().AddHours(-1));
        await log.AppendAsync([new(null, new byte[1])]);

        Assert.Equal(before, log.End.EnqueuedMilliseconds);
    }

    [Fact]
    public async Task Read_AtTheEnd_CompletesWithTheNextAppend()
    {
        await using var log = PartitionLog.Open(_folder.Path, new(), _clock);
        var waiting = log.ReadAsync(log.End.Position, CancellationToken.None).AsTask();
        Assert.False(waiting.IsCompleted);

        await log.AppendAsync([new(null, new byte[1])]);

        await waiting;
    }

    private async Task<bool> KeepsAllAsync(string folder, (string Key, byte[] Message)[][] rounds)
    {
        foreach (var round in rounds)
        {
            await using var log = PartitionLog.Open(folder, Small, _clock);
            await log.AppendAsync([.. round.Select(one => new NewEvent(one.Key, one.Message))]);
        }

        await using var reopened = PartitionLog.Open(folder, Small, _clock);
        var stored = await LogReading.AllAsync(reopened);
        return rounds.SelectMany(round => round).Select(one => Convert.ToHexString(one.Message))
                .SequenceEqual(stored.Select(one => Convert.ToHexString(one.Message.Span)))
            && stored.Select(one => one.SequenceNumber).SequenceEqual(Enumerable.Range(0, stored.Count).Select(number => (long)number));
    }

    private static long First(List<StoredEvent> stored, PartitionLog log, StartAt at, Func<long, bool> admits) =>
        stored.Where(one => admits(Value(one, at))).Select(one => (long?)one.Offset).FirstOrDefault() ?? log.End.Position;

    private static long Value(StoredEvent stored, StartAt at) => at switch
    {
        StartAt.Offset => stored.Offset,
        StartAt.SequenceNumber => stored.SequenceNumber,
        _ => stored.EnqueuedTime.ToUnixTimeMilliseconds(),
    };
}
