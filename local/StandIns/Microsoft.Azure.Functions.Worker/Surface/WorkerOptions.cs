namespace Microsoft.Azure.Functions.Worker;

/// <summary>What the worker tells the host. This host has no use for any of it.</summary>
public class WorkerOptions
{
    public IDictionary<string, string> Capabilities { get; } = new Dictionary<string, string>();
}
