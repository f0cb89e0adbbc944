using Microsoft.AspNetCore.Http;
using Microsoft.Azure.Functions.Worker.Hosting;

namespace Microsoft.Azure.Functions.Worker.Http;

/// <summary>
/// An HTTP request as an invocation. Its services are the request's own scope, and its token is the request's: cancelled when
/// the client has gone, and when the host has waited its shutdown time for requests in flight and closes their connections.
/// </summary>
internal sealed class HttpInvocationContext(HostedFunction function, HttpContext httpContext) : InvocationContext(function)
{
    public HttpContext HttpContext { get; } = httpContext;

    public HttpRequest Request => HttpContext.Request;

    public override CancellationToken CancellationToken => HttpContext.RequestAborted;

    public override IServiceProvider InstanceServices
    {
        get => HttpContext.RequestServices;
        set => HttpContext.RequestServices = value;
    }

    public string? RouteValue(string name) => Request.RouteValues[name] as string;

    protected override IReadOnlyDictionary<string, object?> BindingData()
    {
        var data = new Dictionary<string, object?>(Request.RouteValues, StringComparer.OrdinalIgnoreCase);
        foreach (var (name, values) in Request.Query)
        {
            data.TryAdd(name, values.ToString());
        }

        return data;
    }

    protected override Dictionary<object, object> NewItems() => new() { [FunctionContextExtensions.HttpContextKey] = HttpContext };
}
