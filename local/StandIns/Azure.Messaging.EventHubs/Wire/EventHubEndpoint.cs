using Azure.Core;

namespace Azure.Messaging.EventHubs.Wire;

/// <summary>An event hub, how to reach it, and what authorizes its clients.</summary>
internal sealed record EventHubEndpoint(
    string FullyQualifiedNamespace,
    string EventHubName,
    string Host,
    int Port,
    bool UseTls,
    IAuthorization Authorization)
{
    private const int TlsPort = 5671;
    private const int PlainPort = 5672;

    public static EventHubEndpoint From(string connectionString, string? eventHubName, EventHubConnectionOptions options)
    {
        var parsed = ConnectionString.Parse(connectionString);
        var hub = parsed.ResolveEventHub(eventHubName);
        IAuthorization authorization = parsed.SharedAccessSignature is { } signature
            ? new SignatureAuthorization(new AzureSasCredential(signature))
            : new KeyAuthorization(new AzureNamedKeyCredential(parsed.SharedAccessKeyName!, parsed.SharedAccessKey!), TimeProvider.System);
        var address = options.CustomEndpointAddress ?? parsed.Endpoint;
        var defaultPort = parsed.UseDevelopmentEmulator ? PlainPort : TlsPort;
        return new EventHubEndpoint(
            parsed.Endpoint.Host,
            hub,
            address.Host,
            address.Port > 0 ? address.Port : defaultPort,
            !parsed.UseDevelopmentEmulator,
            authorization);
    }

    public static EventHubEndpoint From(string fullyQualifiedNamespace, string eventHubName, IAuthorization authorization, EventHubConnectionOptions options)
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(fullyQualifiedNamespace);
        ArgumentException.ThrowIfNullOrWhiteSpace(eventHubName);
        var host = Uri.TryCreate(fullyQualifiedNamespace, UriKind.Absolute, out var uri) && uri.Host.Length > 0 ? uri.Host : fullyQualifiedNamespace;
        if (Uri.CheckHostName(host) == UriHostNameType.Unknown)
        {
            throw new ArgumentException($"'{fullyQualifiedNamespace}' is not a host name such as <namespace>.servicebus.windows.net.", nameof(fullyQualifiedNamespace));
        }

        return new EventHubEndpoint(
            host,
            eventHubName,
            options.CustomEndpointAddress?.Host ?? host,
            options.CustomEndpointAddress is { Port: > 0 } custom ? custom.Port : TlsPort,
            true,
            authorization);
    }

    public static EventHubEndpoint From(string fullyQualifiedNamespace, string eventHubName, TokenCredential credential, EventHubConnectionOptions options)
    {
        ArgumentNullException.ThrowIfNull(credential);
        return From(fullyQualifiedNamespace, eventHubName, new IdentityAuthorization(credential), options);
    }

    /// <summary>What a token must be good for to use an address of this namespace.</summary>
    public string Audience(string address) => $"amqps://{FullyQualifiedNamespace}/{address}";
}
