using Kixo.EventHubsEmulator.Storage;
using Kixo.Tests.Support;
using Microsoft.Extensions.Time.Testing;

namespace Kixo.Tests.EventHubsEmulator;

public sealed class LogRetentionTests : IDisposable
{
    private readonly TestFolder _folder = new();
    private readonly FakeTimeProvider _clock = new(new(2026, 5, 1, 12, 0, 0, TimeSpan.Zero));

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task Size_ManyAppends_KeepsTheNewestWithinTheLimit()
    {
        await using var log = Open(new() { MaxBytes = 512 * 1024 });
        await FillAsync(log, 200);

        var stored = await LogReading.AllAsync(log);

        Assert.InRange(log.End.Position - log.Begin, 400 * 1024, 512 * 1024);
        Assert.InRange(DiskBytes(), 400 * 1024, 512 * 1024);
        Assert.Equal(Enumerable.Range((int)log.BeginSequenceNumber, stored.Count).Select(number => (long)number), stored.Select(one => one.SequenceNumber));
        Assert.Equal(199, stored[^1].SequenceNumber);
    }

    [Fact]
    public async Task Size_Restart_BeginsWhereItBeganBefore()
    {
        var options = new LogOptions { MaxBytes = 512 * 1024 };
        long begin;
        await using (var log = Open(options))
        {
            await FillAsync(log, 200);
            begin = log.BeginSequenceNumber;
        }

        await using var reopened = Open(options);

        Assert.Equal(begin, reopened.BeginSequenceNumber);
        Assert.Equal(199, reopened.End.SequenceNumber);
    }

    [Fact]
    public async Task Positions_NoLongerKept_AreTheBeginning()
    {
        await using var log = Open(new() { MaxBytes = 512 * 1024 });
        await FillAsync(log, 200);

        foreach (var start in (StartPosition[])[new(StartAt.Offset, 0), new(StartAt.SequenceNumber, 3, Inclusive: true), new(StartAt.EnqueuedTime, 1), new(StartAt.Beginning)])
        {
            Assert.Equal(log.Begin, log.Find(start));
        }
    }

    [Fact]
    public async Task Reader_OfADeletedFile_ContinuesAtTheBeginning()
    {
        await using var log = Open(new() { MaxBytes = 512 * 1024 });
        await FillAsync(log, 10);
        var first = await log.ReadAsync(0, CancellationToken.None);
        await FillAsync(log, 200);

        var next = await log.ReadAsync(first.Next, CancellationToken.None);

        Assert.Equal(log.BeginSequenceNumber, next.SequenceNumber);
    }

    [Fact]
    public async Task Readers_WhileFilesAreDeleted_SeeOnlyWholeEventsInOrder()
    {
        await using var log = Open(new() { MaxBytes = 512 * 1024 });
        await FillAsync(log, 1);
        var readers = Enumerable.Range(0, 4).Select(number => Task.Run(async () =>
        {
            var last = -1L;
            for (var offset = 0L; last < 1999;)
            {
                var stored = await log.ReadAsync(offset, CancellationToken.None);
                Assert.True(stored.SequenceNumber > last);
                (last, offset) = (stored.SequenceNumber, stored.Next);
                if (number > 0)
                {
                    await Task.Yield();
                    log.Find(new(StartAt.SequenceNumber, last));
                }
            }
        })).ToList();

        await FillAsync(log, 1999);

        await Task.WhenAll(readers).WaitAsync(TimeSpan.FromMinutes(1));
    }

    [Fact]
    public async Task Age_Passed_NothingIsLeftButTheSequence()
    {
        var options = new LogOptions { MaxAge = TimeSpan.FromHours(1) };
        await using (var log = Open(options))
        {
            await FillAsync(log, 10);
            _clock.Advance(TimeSpan.FromMinutes(59));
            await log.AppendAsync([]);
            Assert.Equal(0, log.BeginSequenceNumber);

            _clock.Advance(TimeSpan.FromMinutes(2)); // the log looks each minute
            await log.AppendAsync([]);
            await log.AppendAsync([]); // completes after the retention of the one before
            Assert.True(log.IsEmpty);
            Assert.Equal((10, 9), (log.BeginSequenceNumber, log.End.SequenceNumber));
        }

        await using var reopened = Open(options);
        Assert.True(reopened.IsEmpty);
        await FillAsync(reopened, 1);
        Assert.Equal(10, Assert.Single(await LogReading.AllAsync(reopened)).SequenceNumber);
    }

    [Fact]
    public async Task Age_PassedByTheOldestFileOnly_TheOthersStay()
    {
        await using var log = Open(new() { MaxAge = TimeSpan.FromHours(1), MaxBytes = 512 * 1024 });
        await FillAsync(log, 20); // two files and a bit, of 64 KiB
        _clock.Advance(TimeSpan.FromMinutes(50));
        await FillAsync(log, 20);
        _clock.Advance(TimeSpan.FromMinutes(20));
        await log.AppendAsync([]);
        await log.AppendAsync([]);

        Assert.InRange(log.BeginSequenceNumber, 12, 20);
        Assert.Equal(39, (await LogReading.AllAsync(log))[^1].SequenceNumber);
    }

    [Theory]
    [InlineData(null)]
    [InlineData(0)]
    [InlineData(50)]
    public async Task Flush_AnyPolicy_KeepsWhatItConfirmed(int? milliseconds)
    {
        var options = new LogOptions { FlushInterval = milliseconds is { } interval ? TimeSpan.FromMilliseconds(interval) : null, MaxBytes = 512 * 1024 };
        await using (var log = Open(options))
        {
            await Task.WhenAll(Enumerable.Range(0, 40).Select(_ => log.AppendAsync([new(null, new byte[10_000])])));
            _clock.Advance(TimeSpan.FromSeconds(1));
            await FillAsync(log, 1);
        }

        await using var reopened = Open(options);
        Assert.Equal(Enumerable.Range(0, 41).Select(number => (long)number), (await LogReading.AllAsync(reopened)).Select(stored => stored.SequenceNumber));
    }

    private PartitionLog Open(LogOptions options) => PartitionLog.Open(_folder.Path, options, _clock);

    private static async Task FillAsync(PartitionLog log, int count)
    {
        for (var number = 0; number < count; number++)
        {
            await log.AppendAsync([new(null, new byte[10_000])]);
        }
    }

    private long DiskBytes() => Directory.EnumerateFiles(_folder.Path).Sum(file => new FileInfo(file).Length);
}
