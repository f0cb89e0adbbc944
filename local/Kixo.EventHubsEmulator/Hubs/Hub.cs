using System.IO.Hashing;
using System.Runtime.InteropServices;
using Kixo.EventHubsEmulator.Storage;

namespace Kixo.EventHubsEmulator.Hubs;

/// <summary>A hub with its partitions open.</summary>
internal sealed class Hub : IAsyncDisposable
{
    private uint _turn;

    private Hub(string name, DateTime createdAt, IReadOnlyList<Partition> partitions)
    {
        Name = name;
        CreatedAt = createdAt;
        Partitions = partitions;
    }

    public string Name { get; }

    public DateTime CreatedAt { get; }

    public IReadOnlyList<Partition> Partitions { get; }

    /// <summary>Opens the partitions under <c>{dataFolder}/{name}/</c>. Names are case-insensitive, as in Event Hubs.</summary>
    public static Hub Open(HubOptions options, string dataFolder, TimeProvider clock)
    {
        // A partition's folder holds its file under the offset of its first record, so that it can be cut into several.
        var folder = Directory.CreateDirectory(Path.Combine(dataFolder, options.Name.ToLowerInvariant()));
        var partitions = Enumerable.Range(0, options.Partitions).Select(number =>
        {
            var path = Path.Combine(folder.CreateSubdirectory($"{number}").FullName, $"{0:D20}.log");
            return new Partition($"{number}", PartitionLog.Open(path, clock));
        });
        return new(options.Name, folder.CreationTimeUtc, [.. partitions]);
    }

    /// <summary>Events of one key go to one partition, today and after a restart; those without go round.</summary>
    public Partition For(string? partitionKey)
    {
        var spread = string.IsNullOrEmpty(partitionKey)
            ? Interlocked.Increment(ref _turn) - 1
            : XxHash32.HashToUInt32(MemoryMarshal.AsBytes(partitionKey.AsSpan()));
        return Partitions[(int)(spread % (uint)Partitions.Count)];
    }

    public Partition? Find(string partitionId) => Partitions.FirstOrDefault(partition => partition.Id == partitionId);

    public async ValueTask DisposeAsync()
    {
        foreach (var partition in Partitions)
        {
            await partition.Log.DisposeAsync();
        }
    }
}
