using Microsoft.Extensions.Logging;

namespace Kixo.Telemetry;

/// <summary>Every message the app logs. None may hold an API key, a property value or a device id.</summary>
internal static partial class Log
{
    [LoggerMessage(1, LogLevel.Error, "A batch failed for a reason that nobody foresaw; it was answered 503.")]
    public static partial void BatchFailed(this ILogger log, Exception exception);

    [LoggerMessage(10, LogLevel.Warning, "Key lookup failed for project {ProjectId}, and nothing is known of the key; answered 503.")]
    public static partial void KeyLookupFailed(this ILogger log, Exception exception, string projectId);

    [LoggerMessage(11, LogLevel.Warning, "Table Storage does not answer; a project or key is served from what it last said.")]
    public static partial void LastKnownKeyServed(this ILogger log, Exception exception);

    [LoggerMessage(20, LogLevel.Warning, "Rate counters do not answer, that of project {ProjectId} for one; this instance's local limit decides meanwhile.")]
    public static partial void CounterUnavailable(this ILogger log, Exception exception, string projectId);

    [LoggerMessage(30, LogLevel.Warning, "Event Hubs did not acknowledge a batch of {Events} events of project {ProjectId}; answered 503.")]
    public static partial void PublishFailed(this ILogger log, Exception exception, int events, string projectId);

    [LoggerMessage(40, LogLevel.Debug, "Partition {Partition}: {Messages} messages with {Events} events appended to the event lake.")]
    public static partial void Persisted(this ILogger log, string partition, int messages, long events);

    [LoggerMessage(41, LogLevel.Warning, "Partition {Partition}: message {Sequence} cannot be read and is put to dead letters: {Reason}")]
    public static partial void DeadLettered(this ILogger log, string partition, long sequence, string reason);

    [LoggerMessage(42, LogLevel.Information, "Blob {Blob} was changed by another owner; its state is read anew.")]
    public static partial void BlobChanged(this ILogger log, string blob);

    [LoggerMessage(50, LogLevel.Warning, "{Dependency} did not answer a readiness check.")]
    public static partial void NotReady(this ILogger log, Exception exception, string dependency);
}
