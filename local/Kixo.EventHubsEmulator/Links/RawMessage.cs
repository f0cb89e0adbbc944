using Amqp;

namespace Kixo.EventHubsEmulator.Links;

/// <summary>A received message, not decoded.</summary>
internal sealed class RawMessage(ByteBuffer encoded) : Message
{
    public ByteBuffer Encoded { get; } = encoded;

    public ReadOnlyMemory<byte> Bytes => Encoded.Buffer.AsMemory(Encoded.Offset, Encoded.Length);
}
