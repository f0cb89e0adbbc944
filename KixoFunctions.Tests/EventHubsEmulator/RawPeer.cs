using System.Buffers.Binary;
using System.Net.Sockets;
using Amqp;
using Amqp.Framing;
using Amqp.Sasl;
using Amqp.Types;

namespace Kixo.Tests.EventHubsEmulator;

/// <summary>A peer that sends whatever it likes, frame by frame or byte by byte.</summary>
internal sealed class RawPeer : IDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);
    private static readonly byte[] SaslHeader = [.. "AMQP"u8, 3, 1, 0, 0];
    private static readonly byte[] Header = [.. "AMQP"u8, 0, 1, 0, 0];

    private readonly TcpClient _client;
    private readonly NetworkStream _stream;

    private RawPeer(TcpClient client)
    {
        _client = client;
        _stream = client.GetStream();
    }

    public static async Task<RawPeer> ConnectAsync(int port)
    {
        var client = new TcpClient();
        await client.ConnectAsync("127.0.0.1", port);
        return new(client);
    }

    /// <summary>As far as <paramref name="stage"/>: 0 connected, 1 half through SASL, 2 through it, 3 header exchanged, 4 opened.</summary>
    public static async Task<RawPeer> ConnectAsync(int port, int stage)
    {
        var peer = await ConnectAsync(port);
        if (stage >= 1)
        {
            await peer.SendAsync(SaslHeader);
        }

        if (stage >= 2)
        {
            await peer.SendAsync(new SaslInit { Mechanism = "ANONYMOUS" }, type: 1);
            await peer.ReadBytesAsync(SaslHeader.Length);
            await peer.ReadAsync<SaslOutcome>();
        }

        if (stage >= 3)
        {
            await peer.SendAsync(Header);
            await peer.ReadBytesAsync(Header.Length);
        }

        if (stage >= 4)
        {
            await peer.SendAsync(new Open { ContainerId = "raw", MaxFrameSize = 65536 });
            await peer.ReadAsync<Open>();
        }

        return peer;
    }

    /// <summary>Opened, with a session, and a link on handle 0.</summary>
    /// <param name="port">The emulator's.</param>
    /// <param name="address">What the link is to.</param>
    /// <param name="isReceiver">Whether this peer receives on it.</param>
    public static async Task<RawPeer> AttachAsync(int port, string address, bool isReceiver)
    {
        var peer = await ConnectAsync(port, stage: 4);
        await peer.SendAsync(new Begin { IncomingWindow = int.MaxValue, OutgoingWindow = 5000, NextOutgoingId = 0 });
        await peer.AttachAsync(0, address, isReceiver);
        return peer;
    }

    public async Task AttachAsync(uint handle, string address, bool isReceiver)
    {
        await SendAsync(new Attach
        {
            LinkName = $"link {handle}",
            Handle = handle,
            Role = isReceiver,
            Source = new Source { Address = isReceiver ? address : "me" },
            Target = new Target { Address = isReceiver ? "me" : address },
            InitialDeliveryCount = 0,
        });
        await ReadAsync<Attach>();
    }

    public Task GiveCreditAsync(uint credit, uint deliveryCount = 0, bool drain = false) => SendAsync(new Flow
    {
        NextIncomingId = 0, IncomingWindow = int.MaxValue, NextOutgoingId = 0, OutgoingWindow = 5000,
        Handle = 0, DeliveryCount = deliveryCount, LinkCredit = credit, Drain = drain,
    });

    public Task SendAsync(DescribedList performative, byte[]? payload = null, byte type = 0)
    {
        var encoded = new ByteBuffer(256, autoGrow: true);
        performative.Encode(encoded);
        return SendFrameAsync([.. encoded.Buffer.AsSpan(encoded.Offset, encoded.Length), .. payload ?? []], type);
    }

    /// <summary>A frame with this body, whatever it is.</summary>
    public async Task SendFrameAsync(byte[] body, byte type = 0)
    {
        var frame = new byte[8 + body.Length];
        BinaryPrimitives.WriteInt32BigEndian(frame, frame.Length);
        (frame[4], frame[5]) = (2, type);
        body.CopyTo(frame, 8);
        await SendAsync(frame);
    }

    public Task SendAsync(byte[] bytes) => _stream.WriteAsync(bytes).AsTask().WaitAsync(Patience);

    /// <summary>The next performative of this kind; others before it are passed over.</summary>
    public async Task<T> ReadAsync<T>()
        where T : DescribedList
    {
        while (true)
        {
            var size = BinaryPrimitives.ReadInt32BigEndian(await ReadBytesAsync(4));
            var frame = await ReadBytesAsync(size - 4);
            if (frame.Length > 4 && Encoder.ReadObject(new ByteBuffer(frame, 4, frame.Length - 4, frame.Length - 4)) is T performative)
            {
                return performative;
            }
        }
    }

    /// <summary>Reads, and drops, all there is until the emulator has closed the connection.</summary>
    public async Task ClosedAsync()
    {
        var buffer = new byte[65536];
        try
        {
            while (await _stream.ReadAsync(buffer).AsTask().WaitAsync(Patience) > 0)
            {
            }
        }
        catch (IOException)
        {
            // It was reset, since the emulator had not read all.
        }
    }

    public void Dispose() => _client.Dispose();

    private async Task<byte[]> ReadBytesAsync(int count)
    {
        var bytes = new byte[count];
        await _stream.ReadExactlyAsync(bytes).AsTask().WaitAsync(Patience);
        return bytes;
    }
}
