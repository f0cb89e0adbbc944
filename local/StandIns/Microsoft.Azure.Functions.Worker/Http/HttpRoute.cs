using Microsoft.Azure.Functions.Worker.Hosting;

namespace Microsoft.Azure.Functions.Worker.Http;

/// <summary>Where an HTTP function is served: a route template behind the prefix of host.json, and its methods (empty: every method).</summary>
internal readonly record struct HttpRoute(string Template, IReadOnlyList<string> Methods)
{
    public static HttpRoute Of(HostedFunction function, HttpTriggerAttribute trigger, string prefix)
    {
        var parts = new[] { prefix.Trim('/'), (trigger.Route ?? function.Name).Trim('/') };
        return new HttpRoute(
            "/" + string.Join('/', parts.Where(part => part.Length > 0)),
            [.. (trigger.Methods ?? []).Select(method => method.ToUpperInvariant())]);
    }

    /// <summary>In the words of Core Tools: <c>[POST] http://127.0.0.1:7071/v1/batch</c>.</summary>
    public string Describe(string address) => $"[{string.Join(',', Methods.DefaultIfEmpty("ANY"))}] {address}{Template}";
}
