using System.Diagnostics;

namespace Microsoft.Azure.Functions.Worker.Hosting;

/// <summary>One invocation. What few functions ask for is made when it is asked for: one of these is made for every request.</summary>
internal abstract class InvocationContext(HostedFunction function) : FunctionContext
{
    public HostedFunction Function { get; } = function;

    public sealed override string InvocationId => field ??= Guid.NewGuid().ToString();

    public sealed override string FunctionId => Function.Id;

    public sealed override FunctionDefinition FunctionDefinition => Function;

    public sealed override TraceContext TraceContext => field ??= new CurrentTrace(Activity.Current);

    public sealed override BindingContext BindingContext => field ??= new Binding(BindingData());

    public override RetryContext RetryContext => InvocationRetry.First;

    public sealed override IDictionary<object, object> Items { get => field ??= NewItems(); set; }

    public sealed override IInvocationFeatures Features => field ??= new InvocationFeatures();

    protected abstract IReadOnlyDictionary<string, object?> BindingData();

    protected virtual Dictionary<object, object> NewItems() => [];

    private sealed class Binding(IReadOnlyDictionary<string, object?> data) : BindingContext
    {
        public override IReadOnlyDictionary<string, object?> BindingData { get; } = data;
    }

    private sealed class CurrentTrace(Activity? activity) : TraceContext
    {
        public override string TraceParent => activity?.Id ?? "";

        public override string TraceState => activity?.TraceStateString ?? "";
    }
}
