using System.Net.Sockets;

namespace Kixo.EventHubsEmulator.Wire;

/// <summary>
/// A socket's bytes, acknowledged at once on Linux. It would wait 40 ms for an answer to go with, and Node.js holds its
/// next small write back until then: connecting took 200 ms.
/// </summary>
internal sealed class PromptStream(Socket socket) : NetworkStream(socket, ownsSocket: true)
{
    private const int TcpLevel = 6;
    private const int QuickAck = 12;

    public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
    {
        var read = await base.ReadAsync(buffer, cancellationToken);
        if (OperatingSystem.IsLinux() && read > 0)
        {
            Socket.SetRawSocketOption(TcpLevel, QuickAck, [1, 0, 0, 0]); // holds only for a while
        }

        return read;
    }
}
