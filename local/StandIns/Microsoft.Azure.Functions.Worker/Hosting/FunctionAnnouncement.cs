using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.Azure.Functions.Worker.EventHubs;
using Microsoft.Azure.Functions.Worker.Http;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.Logging;

namespace Microsoft.Azure.Functions.Worker.Hosting;

/// <summary>Says once, when the host has started, which functions it runs and where, as Core Tools do.</summary>
internal static class FunctionAnnouncement
{
    public static void Write(
        ILogger logger, IServer server, IConfiguration configuration, IEnumerable<HostedFunction> functions, string routePrefix, bool servesHttp)
    {
        var address = server.Features.Get<IServerAddressesFeature>()?.Addresses.FirstOrDefault()?.TrimEnd('/') ?? "";
        foreach (var function in functions)
        {
            if (function.EventHubTrigger is { } hub)
            {
                Log.EventHubFunction(logger, function.Name, SettingNames.Resolve(hub.EventHubName, configuration));
            }
            else if (function.HttpTrigger is { } http && servesHttp)
            {
                Log.HttpFunction(logger, function.Name, HttpRoute.Of(function, http, routePrefix).Describe(address));
            }
            else if (function.HttpTrigger is not null)
            {
                Log.HttpFunctionNotServed(logger, function.Name);
            }
            else
            {
                Log.FunctionWithoutTrigger(logger, function.Name);
            }
        }
    }
}
