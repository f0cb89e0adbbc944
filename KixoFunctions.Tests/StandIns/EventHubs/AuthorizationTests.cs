using System.Security.Cryptography;
using System.Text;
using Azure;
using Azure.Core;
using Azure.Messaging.EventHubs;
using Azure.Messaging.EventHubs.Producer;
using Kixo.Tests.Support;

namespace Kixo.Tests.StandIns.EventHubs;

public sealed class AuthorizationTests : IDisposable
{
    private const string Namespace = "ns.servicebus.windows.net";
    private const string Key = "c2VjcmV0";
    private readonly TlsServer _server = new("events");

    public void Dispose() => _server.Dispose();

    [Fact]
    public async Task Key_SignsATokenForTheHub()
    {
        await using var producer = new EventHubProducerClient(
            $"Endpoint=sb://{Namespace}/;SharedAccessKeyName=send;SharedAccessKey={Key};EntityPath=events", Options());

        await producer.SendAsync([new EventData("x")]);

        var (type, audience, token) = _server.Tokens.First();
        Assert.Equal("servicebus.windows.net:sastoken", type);
        Assert.Contains($"{Namespace}/events", audience, StringComparison.OrdinalIgnoreCase);
        var parts = token["SharedAccessSignature ".Length..].Split('&').ToDictionary(part => part[..part.IndexOf('=', StringComparison.Ordinal)], part => part[(part.IndexOf('=', StringComparison.Ordinal) + 1)..]);
        var expected = HMACSHA256.HashData(Encoding.UTF8.GetBytes(Key), Encoding.UTF8.GetBytes($"{parts["sr"]}\n{parts["se"]}"));
        Assert.Equal(Convert.ToBase64String(expected), Uri.UnescapeDataString(parts["sig"]));
        Assert.Equal("send", parts["skn"]);
    }

    [Fact]
    public async Task Signature_IsPassedOn()
    {
        const string Signature = "SharedAccessSignature sr=amqps%3a%2f%2fns%2fevents&sig=abc&se=4102444800&skn=n";
        await using var producer = new EventHubProducerClient(Namespace, "events", new AzureSasCredential(Signature), Options());

        await producer.SendAsync([new EventData("x")]);

        Assert.Equal(Signature, _server.Tokens.First().Token);
    }

    [Fact]
    public async Task Identity_GivesAToken_AgainBeforeItExpires()
    {
        var credential = new CountingCredential(TimeSpan.FromSeconds(2.4));
        await using var producer = new EventHubProducerClient(Namespace, "events", credential, Options());

        await producer.SendAsync([new EventData("x")]);
        var first = _server.Tokens.First();
        await TestStack.EventuallyAsync(() => Task.FromResult(_server.Tokens.Any(each => each.Token == "token 2")), () => "the second token");

        Assert.Equal("jwt", first.Type);
        Assert.Equal("token 1", first.Token);
        Assert.Equal(["https://eventhubs.azure.net/.default"], credential.Scopes);
        await producer.SendAsync([new EventData("y")]);
    }

    [Fact]
    public async Task RefusedToken_IsUnauthorized()
    {
        _server.RefuseTokens = true;
        await using var producer = new EventHubProducerClient(Namespace, "events", new AzureNamedKeyCredential("send", Key), Options());

        var refused = await Assert.ThrowsAsync<UnauthorizedAccessException>(() => producer.SendAsync([new EventData("x")]));

        Assert.Contains("The token is not good.", refused.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task UnknownCertificate_IsRefused()
    {
        var options = Options();
        options.ConnectionOptions.CertificateValidationCallback = null;
        await using var producer = new EventHubProducerClient(Namespace, "events", new AzureNamedKeyCredential("send", Key), options);

        await Assert.ThrowsAnyAsync<Exception>(() => producer.SendAsync([new EventData("x")]));
        Assert.Empty(_server.Tokens);
    }

    private EventHubProducerClientOptions Options() => new()
    {
        RetryOptions = new EventHubsRetryOptions { MaximumRetries = 0, TryTimeout = TimeSpan.FromSeconds(10) },
        ConnectionOptions = new EventHubConnectionOptions
        {
            CustomEndpointAddress = new Uri($"sb://127.0.0.1:{_server.Port}"),
            CertificateValidationCallback = (_, certificate, _, _) => certificate?.GetCertHashString() == _server.Thumbprint,
        },
    };

    private sealed class CountingCredential(TimeSpan lifetime) : TokenCredential
    {
        private int _count;

        public string[] Scopes { get; private set; } = [];

        public override AccessToken GetToken(TokenRequestContext requestContext, CancellationToken cancellationToken)
        {
            Scopes = requestContext.Scopes;
            return new AccessToken($"token {Interlocked.Increment(ref _count)}", TimeProvider.System.GetUtcNow() + lifetime);
        }

        public override ValueTask<AccessToken> GetTokenAsync(TokenRequestContext requestContext, CancellationToken cancellationToken) =>
            new(GetToken(requestContext, cancellationToken));
    }
}
