using System.Buffers;
using System.IO.Pipelines;
using System.Threading.Channels;
using Amqp;

namespace Kixo.EventHubsEmulator.Wire;

/// <summary>
/// An accepted connection's bytes, after SASL. What waits in memory is bounded, whatever the peer does: links wait for
/// <see cref="Outbox"/> to have room before they send events, and nothing is read while the peer leaves even answers
/// unread or what it sent is still being stored.
/// </summary>
internal sealed class Transport : IAsyncTransport
{
    /// <summary>Beyond it no event is sent: about what a socket's own buffers hold.</summary>
    private const int OutboxBytes = 1024 * 1024;

    /// <summary>Beyond it nothing is read from a peer that does not read: room for the answers to all that it may have sent.</summary>
    private const int UnreadBytes = 8 * 1024 * 1024;

    /// <summary>Beyond it nothing is read until the disk has caught up.</summary>
    private const int IntakeBytes = 16 * 1024 * 1024;

    private readonly Stream _stream;
    private readonly PipeReader _reader;
    private readonly FrameGuard _guard;
    private readonly Backlog _unread = new(UnreadBytes);
    private readonly Channel<ArraySegment<byte>> _outgoing = Channel.CreateUnbounded<ArraySegment<byte>>(new() { SingleReader = true });
    private readonly TaskCompletionSource _opened = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly TaskCompletionSource _closing = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private byte[] _incoming = [];
    private ReadOnlyMemory<byte> _rest;
    private bool _isStarted;

    /// <param name="stream">The connection.</param>
    /// <param name="header">The protocol header, which has been read from it.</param>
    /// <param name="maxMessageBytes">Of larger messages only the beginning gets through.</param>
    public Transport(Stream stream, byte[] header, int maxMessageBytes)
    {
        _stream = stream;
        _rest = header;
        _guard = new(maxMessageBytes);
        _reader = PipeReader.Create(stream, new(bufferSize: 64 * 1024, useZeroByteReads: true));
        Closed = SendOutgoingAsync();
    }

    /// <summary>Bytes that the peer has not yet read.</summary>
    public Backlog Outbox { get; } = new(OutboxBytes);

    /// <summary>Bytes of messages that are being stored.</summary>
    public Backlog Intake { get; } = new(IntakeBytes);

    /// <summary>Completes when the peer has opened the connection, or never will.</summary>
    public Task Opened => _opened.Task;

    /// <summary>Completes when there is nothing more to say.</summary>
    public Task Closing => _closing.Task;

    /// <summary>Completes when the peer has read what was said last, or has gone.</summary>
    public Task Closed { get; }

    public static Transport Of(Connection connection) => ((ConnectionEvents)connection.Handler).Transport!;

    public void Open() => _opened.TrySetResult();

    /// <summary>Takes the bytes over; what they are counted in is what keeps their number small.</summary>
    public Task SendAsync(IList<ByteBuffer> bufferList, int listSize)
    {
        var together = ArrayPool<byte>.Shared.Rent(listSize);
        var length = 0;
        foreach (var buffer in bufferList)
        {
            buffer.Buffer.AsSpan(buffer.Offset, buffer.Length).CopyTo(together.AsSpan(length));
            length += buffer.Length;
        }

        Outbox.Add(length);
        _unread.Add(length);
        return _outgoing.Writer.TryWrite(new(together, 0, length)) ? Task.CompletedTask : throw new IOException("The connection is closed.");
    }

    public async Task<int> ReceiveAsync(byte[] buffer, int offset, int count)
    {
        if (_rest.IsEmpty)
        {
            await _unread.RoomAsync();
            await Intake.RoomAsync();
            _rest = await ReadFrameAsync();
        }

        var taken = Math.Min(count, _rest.Length);
        _rest[..taken].CopyTo(buffer.AsMemory(offset));
        _rest = _rest[taken..];
        return taken;
    }

    public void Close()
    {
        _outgoing.Writer.TryComplete();
        _closing.TrySetResult();
    }

    /// <summary>Closes without waiting for the peer to read.</summary>
    public void Abort()
    {
        Close();
        _stream.Dispose();
    }

    void IAsyncTransport.SetConnection(Connection connection) => ((ConnectionEvents)connection.Handler).Transport = this;

    void ITransport.Send(ByteBuffer buffer) => throw new NotSupportedException("A listener's transport is asynchronous.");

    int ITransport.Receive(byte[] buffer, int offset, int count) => throw new NotSupportedException("A listener's transport is asynchronous.");

    /// <summary>A frame; nothing at the end.</summary>
    private async Task<ReadOnlyMemory<byte>> ReadFrameAsync()
    {
        if (!_isStarted)
        {
            _isStarted = true;
            await Task.Yield(); // the listener calls from the loop that accepts connections
        }

        var start = await _reader.ReadAtLeastAsync(sizeof(uint));
        if (start.Buffer.Length < sizeof(uint))
        {
            return default;
        }

        var size = SizeOf(start.Buffer);
        _reader.AdvanceTo(start.Buffer.Start);
        var whole = await _reader.ReadAtLeastAsync(size);
        if (whole.Buffer.Length < size)
        {
            return default;
        }

        if (_incoming.Length < size)
        {
            _incoming = new byte[size];
        }

        whole.Buffer.Slice(0, size).CopyTo(_incoming);
        _reader.AdvanceTo(whole.Buffer.GetPosition(size));
        return _incoming.AsMemory(0, _guard.Inspect(_incoming.AsSpan(0, size)));
    }

    private static int SizeOf(ReadOnlySequence<byte> start)
    {
        Span<byte> size = stackalloc byte[sizeof(uint)];
        start.Slice(0, sizeof(uint)).CopyTo(size);
        return FrameGuard.SizeOf(size);
    }

    private async Task SendOutgoingAsync()
    {
        try
        {
            await foreach (var bytes in _outgoing.Reader.ReadAllAsync())
            {
                await _stream.WriteAsync(bytes);
                Outbox.Remove(bytes.Count);
                _unread.Remove(bytes.Count);
                ArrayPool<byte>.Shared.Return(bytes.Array!);
            }
        }
        catch (Exception exception) when (exception is IOException or ObjectDisposedException)
        {
            // The peer has gone, or it does not read what was said last.
        }
        finally
        {
            Abort();
            Outbox.GiveUp();
            _unread.GiveUp();
            Intake.GiveUp();
            _opened.TrySetResult();
        }
    }
}
