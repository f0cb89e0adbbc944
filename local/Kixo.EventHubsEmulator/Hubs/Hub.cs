using System.IO.Hashing;
using System.Runtime.InteropServices;
using Kixo.EventHubsEmulator.Storage;

namespace Kixo.EventHubsEmulator.Hubs;

/// <summary>A hub with its partitions open.</summary>
internal sealed class Hub : IAsyncDisposable
{
    public const string DefaultConsumerGroup = "$Default";

    private readonly HubOptions _options;
    private uint _turn;

    private Hub(HubOptions options, DateTime createdAt, IReadOnlyList<Partition> partitions)
    {
        _options = options;
        CreatedAt = createdAt;
        Partitions = partitions;
    }

    public string Name => _options.Name;

    public DateTime CreatedAt { get; }

    public IReadOnlyList<Partition> Partitions { get; }

    /// <summary>Opens the partitions under <c>{dataFolder}/{name}/</c>. Names are case-insensitive, as in Event Hubs.</summary>
    public static Hub Open(HubOptions options, string dataFolder, LogOptions log, TimeProvider clock)
    {
        var folder = Directory.CreateDirectory(Path.Combine(dataFolder, options.Name.ToLowerInvariant()));
        var partitions = Enumerable.Range(0, options.Partitions).Select(number =>
        {
            var partition = folder.CreateSubdirectory($"{number}");
            return new Partition($"{number}", PartitionLog.Open(partition.FullName, log, clock));
        });
        return new(options, folder.CreationTimeUtc, [.. partitions]);
    }

    /// <summary>Events of one key go to one partition, today and after a restart; those without go round.</summary>
    public Partition For(string? partitionKey)
    {
        var spread = string.IsNullOrEmpty(partitionKey)
            ? Interlocked.Increment(ref _turn) - 1
            : XxHash32.HashToUInt32(MemoryMarshal.AsBytes(partitionKey.AsSpan()));
        return Partitions[(int)(spread % (uint)Partitions.Count)];
    }

    /// <summary>Whether it has a consumer group: <c>$Default</c> and those it names, or any when it names none.</summary>
    public bool HasConsumerGroup(string group) =>
        _options.ConsumerGroups is not { } named || named.Prepend(DefaultConsumerGroup).Contains(group, StringComparer.OrdinalIgnoreCase);

    public Partition? Find(string partitionId) => Partitions.FirstOrDefault(partition => partition.Id == partitionId);

    public async ValueTask DisposeAsync()
    {
        foreach (var partition in Partitions)
        {
            await partition.Log.DisposeAsync();
        }
    }
}
