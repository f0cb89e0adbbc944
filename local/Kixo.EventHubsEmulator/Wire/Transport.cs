using System.Buffers;
using Amqp;

namespace Kixo.EventHubsEmulator.Wire;

/// <summary>An accepted connection's bytes. One sender and one receiver at a time, as AMQPNetLite calls it.</summary>
internal sealed class Transport(Stream stream) : IAsyncTransport
{
    private volatile TaskCompletionSource? _heard;

    /// <summary>SASL has ended.</summary>
    public bool IsNegotiated => _heard is not null;

    /// <summary>
    /// Call at the end of SASL: sends wait until the client has sent again. The listener would otherwise send its header
    /// and open right behind the SASL outcome, and @azure/event-hubs 6.0.4 loses what arrives in one read with the
    /// outcome (28 of 40 connects stalled).
    /// </summary>
    public Transport HoldUntilHeard()
    {
        _heard = new(TaskCreationOptions.RunContinuationsAsynchronously);
        return this;
    }

    public async Task SendAsync(IList<ByteBuffer> bufferList, int listSize)
    {
        if (_heard is { } heard)
        {
            await heard.Task;
        }

        var together = ArrayPool<byte>.Shared.Rent(listSize);
        try
        {
            var length = 0;
            foreach (var buffer in bufferList)
            {
                buffer.Buffer.AsSpan(buffer.Offset, buffer.Length).CopyTo(together.AsSpan(length));
                length += buffer.Length;
            }

            await stream.WriteAsync(together.AsMemory(0, length));
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(together);
        }
    }

    public async Task<int> ReceiveAsync(byte[] buffer, int offset, int count)
    {
        try
        {
            return await stream.ReadAsync(buffer.AsMemory(offset, count));
        }
        finally
        {
            _heard?.TrySetResult();
        }
    }

    public void Close()
    {
        stream.Dispose();
        _heard?.TrySetResult();
    }

    void IAsyncTransport.SetConnection(Connection connection)
    {
    }

    void ITransport.Send(ByteBuffer buffer) => throw new NotSupportedException("A listener's transport is asynchronous.");

    int ITransport.Receive(byte[] buffer, int offset, int count) => throw new NotSupportedException("A listener's transport is asynchronous.");
}
