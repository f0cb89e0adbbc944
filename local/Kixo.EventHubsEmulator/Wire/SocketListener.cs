using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using System.Security.Authentication;
using System.Security.Cryptography.X509Certificates;
using System.Threading.Channels;
using Amqp;

namespace Kixo.EventHubsEmulator.Wire;

/// <summary>
/// Accepts connections on 127.0.0.1 for AMQPNetLite, whose own listener can neither take a free port nor notice one that
/// another process shares.
/// </summary>
internal sealed class SocketListener : TransportProvider
{
    /// <summary>
    /// AMQPNetLite negotiates SASL with one connection at a time: this is how long one that falls silent may hold up the rest.
    /// </summary>
    private static readonly TimeSpan NegotiationLimit = TimeSpan.FromSeconds(5);

    private static readonly TimeSpan AcceptPause = TimeSpan.FromMilliseconds(50);

    private readonly Socket _socket;
    private readonly SslServerAuthenticationOptions? _tls;
    private readonly TimeProvider _clock;
    private readonly Channel<IAsyncTransport> _accepted = Channel.CreateUnbounded<IAsyncTransport>();

    private SocketListener(Socket socket, X509Certificate2? certificate, TimeProvider clock)
    {
        _socket = socket;
        // Offline: no certificate of a chain is fetched from its issuer's site.
        _tls = certificate is null ? null : new() { ServerCertificateContext = SslStreamCertificateContext.Create(certificate, null, offline: true) };
        _clock = clock;
        AddressSchemes = ["amqp"];
        _ = AcceptAsync();
    }

    public int Port => ((IPEndPoint)_socket.LocalEndPoint!).Port;

    /// <param name="certificate">With one, all connections are TLS.</param>
    /// <exception cref="IOException">The port cannot be had.</exception>
    public static SocketListener Open(int port, X509Certificate2? certificate, TimeProvider clock)
    {
        var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        try
        {
            socket.Bind(new IPEndPoint(IPAddress.Loopback, port));
            socket.Listen();
            return new(socket, certificate, clock);
        }
        catch (SocketException exception)
        {
            socket.Dispose();
            var reason = exception.SocketErrorCode is SocketError.AddressAlreadyInUse ? "is taken" : $"cannot be used ({exception.Message})";
            throw new IOException($"Port {port} on 127.0.0.1 {reason}: stop what listens there or choose another port.", exception);
        }
    }

    /// <summary>The next connection on which the client has spoken. Never completes once the listener is disposed.</summary>
    public override Task<IAsyncTransport> CreateAsync(Address address) => _accepted.Reader.ReadAsync().AsTask();

    public override void Dispose()
    {
        _socket.Dispose();
        base.Dispose();
    }

    private async Task AcceptAsync()
    {
        while (true)
        {
            try
            {
                _ = GreetAsync(await _socket.AcceptAsync());
            }
            catch (Exception exception) when (exception is ObjectDisposedException or SocketException { SocketErrorCode: SocketError.OperationAborted })
            {
                return; // the listener was closed
            }
            catch (SocketException)
            {
                // One client's connection failed, or the process has too many just now: the others go on.
                await Task.Delay(AcceptPause, _clock, CancellationToken.None);
            }
        }
    }

    private async Task GreetAsync(Socket client)
    {
        try
        {
            client.NoDelay = true;
            await client.ReceiveAsync(Memory<byte>.Empty); // completes with the first bytes, taking none
            var transport = new Transport(await SecureAsync(new NetworkStream(client, ownsSocket: true)));
            await _accepted.Writer.WriteAsync(transport);
            await Task.Delay(NegotiationLimit, _clock, CancellationToken.None);
            if (!transport.IsNegotiated)
            {
                transport.Close();
            }
        }
        catch (Exception exception) when (exception is SocketException or IOException or AuthenticationException or OperationCanceledException)
        {
            client.Dispose();
        }
    }

    private async Task<Stream> SecureAsync(NetworkStream connection)
    {
        if (_tls is null)
        {
            return connection;
        }

        using var limit = new CancellationTokenSource(NegotiationLimit, _clock);
        var stream = new SslStream(connection);
        try
        {
            await stream.AuthenticateAsServerAsync(_tls, limit.Token);
            _ = await stream.ReadAsync(Memory<byte>.Empty, limit.Token); // as above
            return stream;
        }
        catch
        {
            await stream.DisposeAsync();
            throw;
        }
    }
}
