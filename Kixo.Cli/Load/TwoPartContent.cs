using System.Net;

namespace Kixo.Cli.Load;

/// <summary>A body of two pieces, sent without joining them.</summary>
internal sealed class TwoPartContent(ReadOnlyMemory<byte> first, ReadOnlyMemory<byte> second) : HttpContent
{
    protected override Task SerializeToStreamAsync(Stream stream, TransportContext? context) => SerializeToStreamAsync(stream, context, CancellationToken.None);

    protected override async Task SerializeToStreamAsync(Stream stream, TransportContext? context, CancellationToken cancellationToken)
    {
        await stream.WriteAsync(first, cancellationToken);
        await stream.WriteAsync(second, cancellationToken);
    }

    protected override bool TryComputeLength(out long length)
    {
        length = first.Length + second.Length;
        return true;
    }
}
