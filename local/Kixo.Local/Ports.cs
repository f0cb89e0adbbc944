using System.Net;
using System.Net.Sockets;

namespace Kixo.Local;

/// <summary>Ports of 127.0.0.1.</summary>
internal static class Ports
{
    // Below what systems give to outgoing connections (from 32,768 on Linux, 49,152 elsewhere): one of those could take the port
    // before it is used.
    private const int First = 20_000;
    private const int Count = 12_000;

    private static int _given = Random.Shared.Next(Count);

    public static bool IsFree(int port)
    {
        try
        {
            using var listener = new TcpListener(IPAddress.Loopback, port);
            listener.Start();
            return true;
        }
        catch (SocketException)
        {
            return false;
        }
    }

    /// <summary>The usual port, so that tools with default settings find it; when it is taken, a free one.</summary>
    public static int FreeOr(int usual) => IsFree(usual) ? usual : Free();

    /// <summary>A free port, and none that this process was given before.</summary>
    public static int Free()
    {
        while (true)
        {
            var port = First + (int)((uint)Interlocked.Increment(ref _given) % Count);
            if (IsFree(port))
            {
                return port;
            }
        }
    }
}
