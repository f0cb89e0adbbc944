using System.Net;
using System.Net.Sockets;

namespace Kixo.Tests.Chaos;

/// <summary>Stands between a client and a server on 127.0.0.1, of any protocol over TCP, and does to their bytes what the weather says.</summary>
internal sealed class FaultProxy : IAsyncDisposable
{
    private const int Drips = 20;

    private readonly TcpListener _listener = new(IPAddress.Loopback, 0);
    private readonly CancellationTokenSource _stopping = new();
    private readonly Task _accepting;

    public FaultProxy(int seed)
    {
        Weather = new Weather(seed);
        _listener.Start();
        Port = ((IPEndPoint)_listener.LocalEndpoint).Port;
        _accepting = AcceptAsync();
    }

    /// <summary>Where clients connect.</summary>
    public int Port { get; }

    /// <summary>The port of the server; one that was started again may have another. While nobody listens there, clients are cut off.</summary>
    public int Target { get; set; }

    public Weather Weather { get; }

    public async ValueTask DisposeAsync()
    {
        await _stopping.CancelAsync();
        _listener.Dispose();
        await _accepting;
        _stopping.Dispose();
    }

    private async Task AcceptAsync()
    {
        try
        {
            while (true)
            {
                _ = ServeAsync(await _listener.AcceptSocketAsync(_stopping.Token), _stopping.Token);
            }
        }
        catch (Exception e) when (e is OperationCanceledException or SocketException or ObjectDisposedException)
        {
            // Stopped.
        }
    }

    private async Task ServeAsync(Socket client, CancellationToken cancellationToken)
    {
        using var server = new Socket(SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        using (client)
        {
            try
            {
                client.NoDelay = true;
                await server.ConnectAsync(IPAddress.Loopback, Target, cancellationToken);

                // The first that fails ends both: the sockets are closed behind it.
                var requests = PumpAsync(client, server, isRequest: true, cancellationToken);
                var answers = PumpAsync(server, client, isRequest: false, cancellationToken);
                await await Task.WhenAny(requests, answers);
                await Task.WhenAll(requests, answers);
            }
            catch (Exception e) when (e is OperationCanceledException or SocketException or ObjectDisposedException)
            {
                client.Close(timeout: 0); // a reset, as from a machine that died
                server.Close(timeout: 0);
            }
        }
    }

    /// <exception cref="SocketException">The connection is to be cut, or was.</exception>
    private async Task PumpAsync(Socket from, Socket to, bool isRequest, CancellationToken cancellationToken)
    {
        var buffer = new byte[64 * 1024];
        var deaf = false;
        while (await from.ReceiveAsync(buffer, cancellationToken) is var length and > 0)
        {
            var piece = buffer.AsMemory(0, length);
            switch (Weather.Strike(isRequest))
            {
                case Fault.Delay:
                    await WaitAsync(0.1, 1.5);
                    break;
                case Fault.Hold:
                    await Weather.HeldAsync().WaitAsync(cancellationToken);
                    await WaitAsync(0, 0.5);
                    break;
                case Fault.LoseRequest or Fault.LoseAnswer:
                    throw new SocketException((int)SocketError.ConnectionReset);
                case Fault.HalfClose when !deaf:
                    deaf = true;
                    to.Shutdown(SocketShutdown.Send);
                    break;
                case Fault.Trickle:
                    for (var drip = piece.Length / Drips; drip > 0 && piece.Length > drip; piece = piece[drip..])
                    {
                        await to.SendAsync(piece[..drip], cancellationToken);
                        await WaitAsync(0.005, 0.05);
                    }

                    break;
            }

            if (!deaf)
            {
                await to.SendAsync(piece, cancellationToken);
            }
        }

        if (!deaf)
        {
            to.Shutdown(SocketShutdown.Send);
        }

        Task WaitAsync(double least, double most) => Task.Delay(Weather.Between(least, most), TimeProvider.System, cancellationToken);
    }
}
