using Microsoft.Extensions.Logging;

namespace Microsoft.Azure.Functions.Worker.Hosting;

/// <summary>What the host itself says.</summary>
internal static partial class Log
{
    [LoggerMessage(1, LogLevel.Information, "{Function}: {Route}")]
    public static partial void HttpFunction(ILogger logger, string function, string route);

    [LoggerMessage(2, LogLevel.Information, "{Function}: events of hub {EventHub}")]
    public static partial void EventHubFunction(ILogger logger, string function, string eventHub);

    [LoggerMessage(3, LogLevel.Warning, "{Function}: not served, since the app does not call ConfigureFunctionsWebApplication()")]
    public static partial void HttpFunctionNotServed(ILogger logger, string function);

    [LoggerMessage(4, LogLevel.Warning, "{Function}: never invoked, since this stand-in host does not know its trigger")]
    public static partial void FunctionWithoutTrigger(ILogger logger, string function);

    [LoggerMessage(10, LogLevel.Error, "{Function} failed; the request is answered with 500")]
    public static partial void HttpFunctionFailed(ILogger logger, string function, Exception exception);

    [LoggerMessage(20, LogLevel.Error, "{Function} failed, at attempt {Attempt}; its batch is given up")]
    public static partial void EventHubFunctionFailed(ILogger logger, string function, int attempt, Exception exception);

    [LoggerMessage(21, LogLevel.Warning, "{Function} failed, at attempt {Attempt}; its batch is tried again in {Delay}")]
    public static partial void EventHubFunctionRetried(ILogger logger, string function, int attempt, TimeSpan delay, Exception exception);

    [LoggerMessage(22, LogLevel.Information, "{Function} reads partition {Partition}, behind sequence number {SequenceNumber}")]
    public static partial void PartitionStarted(ILogger logger, string function, string partition, long? sequenceNumber);

    [LoggerMessage(23, LogLevel.Information, "{Function}: another reader took partition {Partition}")]
    public static partial void PartitionTaken(ILogger logger, string function, string partition);

    [LoggerMessage(24, LogLevel.Warning, "{Function}: invocations that did not end in time are left behind; their events will be delivered again")]
    public static partial void InvocationsLeft(ILogger logger, string function);

    [LoggerMessage(25, LogLevel.Warning, "{Function}: the partitions could not be given back, so that the next start waits for them: {Error}")]
    public static partial void ReleaseFailed(ILogger logger, string function, string error);

    [LoggerMessage(30, LogLevel.Warning, "{What} fails, trying again: {Error}")]
    public static partial void Fails(ILogger logger, string what, string error);

    [LoggerMessage(31, LogLevel.Information, "{What} works again")]
    public static partial void WorksAgain(ILogger logger, string what);

    [LoggerMessage(40, LogLevel.Information, "Standard input has ended: stopping")]
    public static partial void StandardInputEnded(ILogger logger);
}
