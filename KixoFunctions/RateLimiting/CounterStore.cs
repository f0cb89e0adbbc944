using Azure;
using Azure.Data.Tables;
using Azure.Data.Tables.Models;

namespace Kixo.RateLimiting;

/// <summary>A project's counter entity: a row of table <c>RateCounters</c>, changed only under its ETag.</summary>
internal sealed class CounterEntity : ITableEntity
{
    public const string Table = "RateCounters";
    public const string Row = "requests";

    public string PartitionKey { get; set; } = "";
    public string RowKey { get; set; } = Row;
    public DateTimeOffset? Timestamp { get; set; }
    public ETag ETag { get; set; }

    /// <summary>The UTC second that <see cref="Used"/> counts, as seconds since 1970.</summary>
    public long Window { get; set; }

    public int Used { get; set; }
}

/// <summary>Loads and saves counters; decides nothing.</summary>
internal class CounterStore(TableServiceClient tables)
{
    private const int PreconditionFailed = 412;
    private const int AlreadyThere = 409;

    private readonly TableClient _counters = tables.GetTableClient(CounterEntity.Table);

    /// <returns>The counter and its ETag; with no counter yet, a used-up past and no ETag.</returns>
    public virtual async Task<(RateWindow Window, ETag? ETag)> LoadAsync(string projectId, CancellationToken cancellationToken)
    {
        var found = await _counters.GetEntityIfExistsAsync<CounterEntity>(projectId, CounterEntity.Row, cancellationToken: cancellationToken);
        return found is { HasValue: true, Value: { } row } ? (new(row.Window, row.Used), row.ETag) : (default, null);
    }

    /// <param name="projectId">Whose counter.</param>
    /// <param name="window">What it shall say.</param>
    /// <param name="under">The ETag it was loaded or saved with; null when there was none.</param>
    /// <param name="cancellationToken">Ends the wait; the write may have happened.</param>
    /// <returns>The new ETag, or null when another instance was faster.</returns>
    public virtual async Task<ETag?> TrySaveAsync(string projectId, RateWindow window, ETag? under, CancellationToken cancellationToken)
    {
        var row = new CounterEntity { PartitionKey = projectId, Window = window.Second, Used = window.Used };
        try
        {
            var answer = under is ETag etag
                ? await _counters.UpdateEntityAsync(row, etag, TableUpdateMode.Replace, cancellationToken)
                : await _counters.AddEntityAsync(row, cancellationToken);
            return answer.Headers.ETag;
        }
        catch (RequestFailedException e) when (e.Status is PreconditionFailed or AlreadyThere || e.ErrorCode == TableErrorCode.ResourceNotFound)
        {
            return null;
        }
    }
}
