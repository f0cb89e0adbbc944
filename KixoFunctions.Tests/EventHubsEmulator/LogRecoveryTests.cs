using System.Globalization;
using CsCheck;
using Kixo.EventHubsEmulator.Storage;
using Kixo.Tests.Support;

namespace Kixo.Tests.EventHubsEmulator;

/// <summary>What is in a partition after its files were cut off or changed at any byte.</summary>
public sealed class LogRecoveryTests
{
    /// <summary>Segments of 64 KiB.</summary>
    private static readonly LogOptions Small = new() { MaxBytes = 512 * 1024 };

    private static readonly Gen<int[]> Sizes = Gen.Frequency((2, Gen.Int[0, 400]), (1, Gen.Int[5_000, 40_000])).Array[2, 12]; // less than retention would delete

    [Fact]
    public Task CutAnywhere_WhatStoodBeforeIsThereAndTheSequenceGoesOn() =>
        Gen.Select(Sizes, Gen.Double[0, 1]).SampleAsync((sizes, cut) => RunAsync(async folder =>
        {
            var whole = await FillAsync(folder, sizes);
            var newest = Files(folder)[^1];
            var length = (long)(new FileInfo(newest).Length * cut);
            using (var file = File.OpenWrite(newest))
            {
                file.SetLength(length);
            }

            var expected = whole.Where(stored => stored.Next <= BaseOffset(newest) + length).Select(stored => stored.SequenceNumber).ToList();
            await using (var log = PartitionLog.Open(folder, Small, TimeProvider.System))
            {
                Assert.Equal(expected, (await LogReading.AllAsync(log)).Select(stored => stored.SequenceNumber));
                await log.AppendAsync([new("next", new byte[] { 1 })]);
            }

            await using var reopened = PartitionLog.Open(folder, Small, TimeProvider.System);
            var all = await LogReading.AllAsync(reopened);
            Assert.Equal(Enumerable.Range(0, expected.Count + 1).Select(number => (long)number), all.Select(stored => stored.SequenceNumber));
            Assert.Equal("next", all[^1].PartitionKey);
        }), iter: 200);

    [Fact]
    public Task ChangedAnywhereBeforeTheLastEvent_IsAnErrorThatNamesTheFile() =>
        Gen.Select(Sizes, Gen.Double[0, 1], Gen.Byte[1, 255]).SampleAsync((sizes, where, change) => RunAsync(async folder =>
        {
            var whole = await FillAsync(folder, sizes);
            var at = (long)(where * whole[^1].Offset);
            if (at == whole[^1].Offset)
            {
                return;
            }

            var file = Files(folder).Last(file => BaseOffset(file) <= at);
            var bytes = await File.ReadAllBytesAsync(file);
            bytes[at - BaseOffset(file)] ^= change;
            await File.WriteAllBytesAsync(file, bytes);

            var reports = new List<string>();
            var before = whole.Count(stored => stored.Next <= at);
            var read = 0;
            var damage = await Assert.ThrowsAsync<InvalidDataException>(async () =>
            {
                await using var log = PartitionLog.Open(folder, Small with { Report = reports.Add }, TimeProvider.System);
                for (var offset = 0L; offset < log.End.Position; read++)
                {
                    offset = (await log.ReadAsync(offset, CancellationToken.None)).Next;
                }
            });

            Assert.StartsWith($"{file} is damaged at byte {whole[before].Offset - BaseOffset(file)}", damage.Message, StringComparison.Ordinal);
            if (read > 0) // else it was found at the start, as it always is in the newest file
            {
                Assert.NotEqual(Files(folder)[^1], file);
                Assert.Equal(before, read);
                Assert.Equal([damage.Message], reports);
            }
        }), iter: 200);

    [Fact]
    public Task GarbageBehindTheLastEvent_IsCutAndReported() =>
        Gen.Select(Sizes, Gen.Byte.Array[1, 2_000]).SampleAsync((sizes, garbage) => RunAsync(async folder =>
        {
            var whole = await FillAsync(folder, sizes);
            await File.AppendAllBytesAsync(Files(folder)[^1], garbage);

            var reports = new List<string>();
            await using var log = PartitionLog.Open(folder, Small with { Report = reports.Add }, TimeProvider.System);

            Assert.Equal(whole.Select(stored => stored.Offset), (await LogReading.AllAsync(log)).Select(stored => stored.Offset));
            Assert.Contains($"cut off {garbage.Length} bytes", Assert.Single(reports), StringComparison.Ordinal);
        }), iter: 50);

    [Fact]
    public async Task FileMissingBetweenOthers_IsAnError() => await RunAsync(async folder =>
    {
        await FillAsync(folder, [30_000, 40_000, 40_000, 40_000, 40_000]);
        var files = Files(folder);
        File.Delete(files[1]);

        var damage = Assert.Throws<InvalidDataException>(() => PartitionLog.Open(folder, Small, TimeProvider.System));

        Assert.Contains("stored events are missing", damage.Message, StringComparison.Ordinal);
    });

    [Fact]
    public async Task NewFileStillEmpty_ContinuesTheSequence() => await RunAsync(async folder =>
    {
        var whole = await FillAsync(folder, [100, 100]);
        await File.WriteAllBytesAsync(Path.Combine(folder, string.Create(CultureInfo.InvariantCulture, $"{whole[^1].Next:D20}-{2:D20}.log")), []);

        await using var log = PartitionLog.Open(folder, Small, TimeProvider.System);

        Assert.Equal((1, whole[^1].Offset), (log.End.SequenceNumber, log.End.Offset));
        await log.AppendAsync([new(null, new byte[1])]);
        Assert.Equal([0, 1, 2], (await LogReading.AllAsync(log)).Select(stored => stored.SequenceNumber));
    });

    [Fact]
    public async Task FileNamedByItsOffsetAlone_AsOlderDataFoldersHaveIt_IsTheFirst() => await RunAsync(async folder =>
    {
        await FillAsync(folder, [100, 100]);
        File.Move(Files(folder)[0], Path.Combine(folder, $"{0:D20}.log"));

        await using var log = PartitionLog.Open(folder, Small, TimeProvider.System);

        Assert.Equal([0, 1], (await LogReading.AllAsync(log)).Select(stored => stored.SequenceNumber));
    });

    private static async Task<List<StoredEvent>> FillAsync(string folder, int[] sizes)
    {
        await using var log = PartitionLog.Open(folder, Small, TimeProvider.System);
        foreach (var (number, size) in sizes.Index())
        {
            await log.AppendAsync([new($"key {number}", new byte[size])]);
        }

        return await LogReading.AllAsync(log);
    }

    private static string[] Files(string folder) => [.. Directory.EnumerateFiles(folder).Order(StringComparer.Ordinal)];

    private static long BaseOffset(string file) => long.Parse(Path.GetFileName(file)[..20], CultureInfo.InvariantCulture);

    private static async Task RunAsync(Func<string, Task> test)
    {
        using var folder = new TestFolder();
        await test(folder.Path);
    }
}
