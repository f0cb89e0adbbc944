using System.Net;
using System.Net.Sockets;

namespace Kixo.Local;

/// <summary>Ports of 127.0.0.1.</summary>
internal static class Ports
{
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

    public static int Free()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }
}
