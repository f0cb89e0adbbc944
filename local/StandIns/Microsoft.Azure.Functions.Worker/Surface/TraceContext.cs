namespace Microsoft.Azure.Functions.Worker;

/// <summary>The W3C trace context an invocation belongs to.</summary>
public abstract class TraceContext
{
    public abstract string TraceParent { get; }

    public abstract string TraceState { get; }
}
