using System.Buffers.Text;
using System.Net;
using System.Net.Sockets;
using System.Text;

namespace Kixo.Benchmarks.Http;

/// <summary>One connection that posts the same body again and again. It allocates nothing for a request: what is allocated is the server's.</summary>
internal sealed class Client : IDisposable
{
    private readonly Socket _socket = new(SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
    private readonly byte[] _request;
    private readonly byte[] _answer = new byte[4096];

    public Client(int port, byte[] body)
    {
        _request =
        [
            .. Encoding.ASCII.GetBytes($"POST /v1/batch HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nContent-Length: {body.Length}\r\n\r\n"),
            .. body,
        ];
        _socket.Connect(IPAddress.Loopback, port);
    }

    /// <exception cref="InvalidOperationException">The answer is no 200.</exception>
    public void Post()
    {
        for (var sent = 0; sent < _request.Length;)
        {
            sent += _socket.Send(_request.AsSpan(sent));
        }

        var received = 0;
        int length;
        do
        {
            var read = _socket.Receive(_answer.AsSpan(received));
            received += read > 0 ? read : throw new InvalidOperationException("The server has closed the connection.");
        }
        while (!TryGetLength(_answer.AsSpan(0, received), out length) || received < length);

        if (!_answer.AsSpan().StartsWith("HTTP/1.1 200 "u8))
        {
            throw new InvalidOperationException(Encoding.UTF8.GetString(_answer.AsSpan(0, received)));
        }
    }

    public void Dispose() => _socket.Dispose();

    private static bool TryGetLength(ReadOnlySpan<byte> answer, out int length)
    {
        length = 0;
        var head = answer.IndexOf("\r\n\r\n"u8);
        if (head < 0)
        {
            return false;
        }

        var header = "Content-Length: "u8;
        var body = Utf8Parser.TryParse(answer[(answer.IndexOf(header) + header.Length)..], out int bytes, out _) ? bytes : 0;
        length = head + 4 + body;
        return true;
    }
}
