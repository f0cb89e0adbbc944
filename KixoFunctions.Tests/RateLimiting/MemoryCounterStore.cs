using System.Globalization;
using Azure;
using Azure.Data.Tables;
using Kixo.RateLimiting;
using Moq;

namespace Kixo.Tests.RateLimiting;

/// <summary>The counter table in memory, with its ETags; a test can step in before and after what it does.</summary>
internal sealed class MemoryCounterStore() : CounterStore(Mock.Of<TableServiceClient>())
{
    private readonly Lock _gate = new();
    private readonly Dictionary<string, (RateWindow Window, int Version)> _rows = [];
    private int _calls;

    public Func<CancellationToken, Task> BeforeLoad { get; set; } = _ => Task.CompletedTask;

    public Func<CancellationToken, Task> BeforeSave { get; set; } = _ => Task.CompletedTask;

    /// <summary>The write has taken effect; the answer is on its way.</summary>
    public Func<CancellationToken, Task> AfterSave { get; set; } = _ => Task.CompletedTask;

    /// <summary>Loads and saves, whatever came of them.</summary>
    public int Calls => _calls;

    /// <summary>What the counter says; as a setter, another instance's write.</summary>
    public RateWindow this[string projectId]
    {
        get
        {
            lock (_gate)
            {
                return _rows.GetValueOrDefault(projectId).Window;
            }
        }

        set
        {
            lock (_gate)
            {
                _rows[projectId] = (value, _rows.GetValueOrDefault(projectId).Version + 1);
            }
        }
    }

    public override async Task<(RateWindow Window, ETag? ETag)> LoadAsync(string projectId, CancellationToken cancellationToken)
    {
        Interlocked.Increment(ref _calls);
        await BeforeLoad(cancellationToken);
        lock (_gate)
        {
            return _rows.TryGetValue(projectId, out var row) ? (row.Window, Tag(row.Version)) : (default, null);
        }
    }

    public override async Task<ETag?> TrySaveAsync(string projectId, RateWindow window, ETag? under, CancellationToken cancellationToken)
    {
        Interlocked.Increment(ref _calls);
        await BeforeSave(cancellationToken);
        ETag? saved = null;
        lock (_gate)
        {
            var found = _rows.TryGetValue(projectId, out var row);
            if (under == (found ? Tag(row.Version) : null))
            {
                _rows[projectId] = (window, row.Version + 1);
                saved = Tag(row.Version + 1);
            }
        }

        await AfterSave(cancellationToken);
        return saved;
    }

    private static ETag Tag(int version) => new(version.ToString(CultureInfo.InvariantCulture));
}
