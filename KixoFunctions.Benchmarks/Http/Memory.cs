using System.Collections.Concurrent;
using Azure;
using Azure.Data.Tables;
using Azure.Messaging.EventHubs;
using Azure.Messaging.EventHubs.Producer;
using Kixo.Functions;
using Kixo.Keys;
using Kixo.RateLimiting;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;

namespace Kixo.Benchmarks.Http;

/// <summary>Tables and hub that answer at once from memory, so that what is measured is the app's.</summary>
internal static class Memory
{
    public static readonly TableServiceClient NoTables = new("UseDevelopmentStorage=true");

    /// <summary>The whole app, with these in the place of tables and hub.</summary>
    public static void AddKixoInMemory(this IHostApplicationBuilder builder)
    {
        builder.Configuration.AddInMemoryCollection(new Dictionary<string, string?>
        {
            ["Storage"] = "UseDevelopmentStorage=true",
            ["EventHub"] = "Endpoint=sb://localhost;SharedAccessKeyName=none;SharedAccessKey=none;UseDevelopmentEmulator=true",
            ["Kixo:RateLimiting:RequestsPerSecond"] = "100000",
            ["Kixo:RateLimiting:Timeout"] = "00:00:10", // a pause of the machine is no refusal
        });
        builder.AddKixo();
        builder.Services.AddSingleton<KeyStore, MemoryKeys>();
        builder.Services.AddSingleton<CounterStore, MemoryCounters>();
        builder.Services.AddSingleton<EventHubProducerClient, MemoryHub>();
        builder.Services.AddSingleton<IngestBatch>();
    }
}

/// <summary>Every project and key is good.</summary>
internal sealed class MemoryKeys() : KeyStore(Memory.NoTables)
{
    private static readonly Task<ProjectAccess?> Project = Task.FromResult<ProjectAccess?>(new(Enabled: true, RequestsPerSecond: null));
    private static readonly Task<KeyAccess?> Key = Task.FromResult<KeyAccess?>(new(Enabled: true, null, null, null, null));

    public override Task<ProjectAccess?> FindProjectAsync(string projectId, CancellationToken cancellationToken) => Project;

    public override Task<KeyAccess?> FindKeyAsync(string projectId, string keyHash, CancellationToken cancellationToken) => Key;
}

/// <summary>Counters with their ETags.</summary>
internal sealed class MemoryCounters() : CounterStore(Memory.NoTables)
{
    private readonly ConcurrentDictionary<string, (RateWindow Window, ETag ETag)> _rows = new();

    public override Task<(RateWindow Window, ETag? ETag)> LoadAsync(string projectId, CancellationToken cancellationToken) =>
        Task.FromResult(_rows.TryGetValue(projectId, out var row) ? (row.Window, (ETag?)row.ETag) : default);

    public override Task<ETag?> TrySaveAsync(string projectId, RateWindow window, ETag? under, CancellationToken cancellationToken)
    {
        var saved = (window, new ETag(Guid.NewGuid().ToString("N")));
        var isSaved = under is ETag etag && _rows.TryGetValue(projectId, out var row)
            ? row.ETag == etag && _rows.TryUpdate(projectId, saved, row)
            : under is null && _rows.TryAdd(projectId, saved);
        return Task.FromResult<ETag?>(isSaved ? saved.Item2 : null);
    }
}

/// <summary>A hub that has every message.</summary>
internal sealed class MemoryHub : EventHubProducerClient
{
    public override Task SendAsync(IEnumerable<EventData> eventBatch, SendEventOptions options, CancellationToken cancellationToken = default) =>
        Task.CompletedTask;
}
