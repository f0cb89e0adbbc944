using System.Net.Security;

namespace Azure.Messaging.EventHubs;

public class EventHubConnectionOptions
{
    /// <summary>Connect here instead of to the namespace, as through a gateway.</summary>
    public Uri? CustomEndpointAddress { get; set; }

    /// <summary>Replaces the usual check of the server's certificate.</summary>
    public RemoteCertificateValidationCallback? CertificateValidationCallback { get; set; }

    /// <summary>How long the connection may be silent before it counts as lost: 1 minute by default.</summary>
    public TimeSpan ConnectionIdleTimeout { get; set; } = TimeSpan.FromMinutes(1);
}
