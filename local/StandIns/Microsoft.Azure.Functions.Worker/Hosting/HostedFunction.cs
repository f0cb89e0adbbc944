using System.Collections.Immutable;
using System.Reflection;

namespace Microsoft.Azure.Functions.Worker.Hosting;

/// <summary>One function of the app: what triggers it, and how it is invoked.</summary>
internal sealed class HostedFunction : FunctionDefinition
{
    private readonly MethodInfo _method;
    private readonly FunctionInvoker _invoker;

    public HostedFunction(string name, MethodInfo method)
    {
        Name = name;
        _method = method;
        foreach (var parameter in method.GetParameters())
        {
            HttpTrigger ??= parameter.GetCustomAttribute<HttpTriggerAttribute>();
            EventHubTrigger ??= parameter.GetCustomAttribute<EventHubTriggerAttribute>();
        }

        Retry = RetryPolicy.Of(method.GetCustomAttribute<RetryAttribute>());
        _invoker = new(this, method);
    }

    public HttpTriggerAttribute? HttpTrigger { get; }

    public EventHubTriggerAttribute? EventHubTrigger { get; }

    public RetryPolicy Retry { get; }

    /// <summary>Creates the function's class from the invocation's services and calls the method.</summary>
    public Task InvokeAsync(InvocationContext context) => _invoker.InvokeAsync(context);

    public override string Id => Name;

    public override string Name { get; }

    public override string EntryPoint => $"{_method.DeclaringType!.FullName}.{_method.Name}";

    public override string PathToAssembly => _method.DeclaringType!.Assembly.Location;

    public override ImmutableArray<FunctionParameter> Parameters =>
        [.. _method.GetParameters().Select(parameter => new FunctionParameter(parameter.Name!, parameter.ParameterType))];

    public override IImmutableDictionary<string, BindingMetadata> InputBindings => ImmutableDictionary<string, BindingMetadata>.Empty;

    public override IImmutableDictionary<string, BindingMetadata> OutputBindings => ImmutableDictionary<string, BindingMetadata>.Empty;
}
