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
    /// <summary>How long a client may take from its connection to its open frame: 100 times what one usually takes.</summary>
    private static readonly TimeSpan HandshakeLimit = TimeSpan.FromSeconds(10);

    /// <summary>How long a peer may take to read the last words of a connection that is closed.</summary>
    private static readonly TimeSpan FarewellLimit = TimeSpan.FromSeconds(5);

    /// <summary>The limit of an Event Hubs namespace on the Standard tier.</summary>
    private const int MaxConnections = 5000;

    private static readonly TimeSpan AcceptPause = TimeSpan.FromMilliseconds(50);

    private readonly Socket _socket;
    private readonly SslServerAuthenticationOptions? _tls;
    private readonly int _maxMessageBytes;
    private readonly TimeProvider _clock;
    private readonly Channel<IAsyncTransport> _accepted = Channel.CreateUnbounded<IAsyncTransport>();
    private int _connections;

    private SocketListener(Socket socket, X509Certificate2? certificate, int maxMessageBytes, TimeProvider clock)
    {
        _socket = socket;
        // Offline: no certificate of a chain is fetched from its issuer's site.
        _tls = certificate is null ? null : new() { ServerCertificateContext = SslStreamCertificateContext.Create(certificate, null, offline: true) };
        _maxMessageBytes = maxMessageBytes;
        _clock = clock;
        AddressSchemes = ["amqp"];
        _ = AcceptAsync();
    }

    public int Port => ((IPEndPoint)_socket.LocalEndPoint!).Port;

    /// <param name="port">The port; 0 for any free one.</param>
    /// <param name="certificate">With one, all connections are TLS.</param>
    /// <param name="maxMessageBytes">Of larger messages only the beginning gets through.</param>
    /// <param name="clock">The time.</param>
    /// <exception cref="IOException">The port cannot be had.</exception>
    public static SocketListener Open(int port, X509Certificate2? certificate, int maxMessageBytes, TimeProvider clock)
    {
        var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        try
        {
            socket.Bind(new IPEndPoint(IPAddress.Loopback, port));
            socket.Listen();
            return new(socket, certificate, maxMessageBytes, clock);
        }
        catch (SocketException exception)
        {
            socket.Dispose();
            var reason = exception.SocketErrorCode is SocketError.AddressAlreadyInUse ? "is taken" : $"cannot be used ({exception.Message})";
            throw new IOException($"Port {port} on 127.0.0.1 {reason}: stop what listens there or choose another port.", exception);
        }
    }

    /// <summary>The next connection that is through with SASL. Never completes once the listener is disposed.</summary>
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
                _ = ServeAsync(await _socket.AcceptAsync());
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

    /// <summary>Sees a connection through. Any number of them do this side by side.</summary>
    private async Task ServeAsync(Socket client)
    {
        var isAllowed = Interlocked.Increment(ref _connections) <= MaxConnections;
        try
        {
            client.NoDelay = true;
            await using var stream = new PromptStream(client);
            await (isAllowed ? ServeAsync(stream) : Task.CompletedTask);
        }
        catch (Exception exception) when (exception is IOException or SocketException or AuthenticationException or ObjectDisposedException or OperationCanceledException or TimeoutException or InvalidDataException)
        {
            // It has failed, or the peer was too slow or no client of ours: the others go on.
        }
        finally
        {
            client.Dispose();
            Interlocked.Decrement(ref _connections);
        }
    }

    private async Task ServeAsync(PromptStream connection)
    {
        using var limit = new CancellationTokenSource(HandshakeLimit, _clock);
        await using var stream = await SecureAsync(connection, limit.Token);
        await SaslServer.NegotiateAsync(stream, limit.Token);

        // AMQPNetLite sends its header and open at once, and @azure/event-hubs 6.0.4 loses what arrives in one read with the
        // end of SASL (28 of 40 connects stalled): so not before the client has sent its own header.
        var header = new byte[FrameGuard.HeaderBytes];
        await stream.ReadExactlyAsync(header, limit.Token);
        var transport = new Transport(stream, header, _maxMessageBytes);
        try
        {
            await _accepted.Writer.WriteAsync(transport, limit.Token);
            await transport.Opened.WaitAsync(limit.Token);
            await transport.Closing;
            await transport.Closed.WaitAsync(FarewellLimit, _clock);
        }
        finally
        {
            transport.Abort();
        }
    }

    private async Task<Stream> SecureAsync(PromptStream connection, CancellationToken cancellationToken)
    {
        if (_tls is null)
        {
            return connection;
        }

        var stream = new SslStream(connection);
        try
        {
            await stream.AuthenticateAsServerAsync(_tls, cancellationToken);
            return stream;
        }
        catch
        {
            await stream.DisposeAsync();
            throw;
        }
    }
}
