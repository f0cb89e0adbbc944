using System.Collections.Concurrent;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Amqp;
using Amqp.Framing;
using Amqp.Listener;
using Amqp.Sasl;
using Amqp.Types;
using Kixo.Local;

namespace Kixo.Tests.StandIns.EventHubs;

/// <summary>An AMQP server with TLS that notes the tokens it is given, refuses them when told to, and accepts every event.</summary>
internal sealed class TlsServer : IDisposable, IRequestProcessor, IMessageProcessor
{
    private readonly ContainerHost _host;
    private readonly X509Certificate2 _certificate;

    public TlsServer(string eventHubName)
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest("CN=localhost", key, HashAlgorithmName.SHA256);
        var now = TimeProvider.System.GetUtcNow();
        using var made = request.CreateSelfSigned(now.AddDays(-1), now.AddDays(1));
        _certificate = X509CertificateLoader.LoadPkcs12(made.Export(X509ContentType.Pfx), null);
        Port = Ports.Free();
        _host = new ContainerHost(new Address("127.0.0.1", Port, null, null, "/", "amqps"));
        _host.Listeners[0].SSL.Certificate = _certificate;
        foreach (var mechanism in (string[])["ANONYMOUS", "MSSBCBS"])
        {
            _host.Listeners[0].SASL.EnableMechanism(mechanism, new OpenDoor(mechanism));
        }

        _host.RegisterRequestProcessor("$cbs", this);
        _host.RegisterMessageProcessor(eventHubName, this);
        _host.Open();
    }

    public int Port { get; }

    public string Thumbprint => _certificate.Thumbprint;

    public bool RefuseTokens { get; set; }

    public ConcurrentQueue<(string Type, string Audience, string Token)> Tokens { get; } = new();

    int IRequestProcessor.Credit => 10;

    int IMessageProcessor.Credit => 100;

    void IRequestProcessor.Process(RequestContext requestContext)
    {
        var properties = requestContext.Message.ApplicationProperties;
        Tokens.Enqueue(((string)properties["type"], (string)properties["name"], (string)requestContext.Message.Body));
        requestContext.Complete(new Message
        {
            ApplicationProperties = new ApplicationProperties
            {
                ["status-code"] = RefuseTokens ? 401 : 202,
                ["status-description"] = RefuseTokens ? "The token is not good." : "Accepted",
            },
        });
    }

    void IMessageProcessor.Process(MessageContext messageContext) => messageContext.Complete();

    public void Dispose()
    {
        _host.Close();
        _certificate.Dispose();
    }

    /// <summary>Lets everyone in: tokens are shown later, to $cbs.</summary>
    private sealed class OpenDoor(string mechanism) : SaslProfile(mechanism)
    {
        protected override ITransport UpgradeTransport(ITransport transport) => transport;

        protected override DescribedList OnCommand(DescribedList command) => new SaslOutcome { Code = SaslCode.Ok };

        protected override DescribedList GetStartCommand(string hostname) => throw new NotSupportedException("The client starts.");
    }
}
