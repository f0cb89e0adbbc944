using System.CommandLine;
using Azure.Identity;
using Azure.Messaging.EventHubs;
using Azure.Messaging.EventHubs.Producer;

namespace Kixo.Cli;

/// <summary>The option that says which Event Hubs namespace a command works on, and the client it comes to.</summary>
internal sealed class EventHubOptions(StorageOptions storage)
{
    public Option<string?> EventHub { get; } = new("--event-hub")
    {
        Description = "An Event Hubs connection string, or the namespace's address (<name>.servicebus.windows.net), used with your Azure identity. Default: the local run's.",
    };

    /// <summary>It does not try again: what was acknowledged too late would be in the hub twice.</summary>
    /// <exception cref="CliException">It is not known which hub is meant.</exception>
    public EventHubProducerClient Producer(ParseResult arguments, string hub)
    {
        var target = Target(arguments);
        var options = new EventHubProducerClientOptions
        {
            RetryOptions = new EventHubsRetryOptions { MaximumRetries = 0, TryTimeout = TimeSpan.FromSeconds(30) },
        };
        try
        {
            return target.Contains('=', StringComparison.Ordinal)
                ? new EventHubProducerClient(target, hub, options)
                : new EventHubProducerClient(HostOf(target), hub, new DefaultAzureCredential(), options);
        }
        catch (Exception e) when (e is FormatException or ArgumentException)
        {
            throw new CliException("--event-hub is neither an Event Hubs connection string nor a namespace such as kixo.servicebus.windows.net.");
        }
    }

    // Messages of one deployment's storage are not to come into another's hub by oversight.
    private string Target(ParseResult arguments) =>
        arguments.GetValue(EventHub) is { Length: > 0 } given ? given
        : arguments.GetValue(storage.Storage) is { Length: > 0 } ? throw new CliException("With --storage, name the hub of the same deployment too, with --event-hub.")
        : storage.Local(arguments).EventHub;

    public static string HostOf(string address) => Uri.TryCreate(address, UriKind.Absolute, out var url) && url.Host.Length > 0 ? url.Host : address;
}
