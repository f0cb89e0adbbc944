namespace Kixo.Publishing;

/// <summary>Packs lines into as few compressed bodies as the size of a message allows: nearly always one.</summary>
internal static class ChunkPacker
{
    /// <param name="lines">Whole lines, each with its line break.</param>
    /// <param name="count">How many.</param>
    /// <param name="encoding">How to compress.</param>
    /// <param name="maxBytes">Bytes of one compressed body; more than any single line needs.</param>
    /// <returns>The bodies, in order, each with its number of lines; the caller disposes them.</returns>
    public static List<(PooledBuffer Body, int Count)> Pack(ReadOnlySpan<byte> lines, int count, ChunkEncoding encoding, int maxBytes)
    {
        var bodies = new List<(PooledBuffer, int)>(1);
        Pack(lines, count, encoding, maxBytes, bodies);
        return bodies;
    }

    private static void Pack(ReadOnlySpan<byte> lines, int count, ChunkEncoding encoding, int maxBytes, List<(PooledBuffer, int)> bodies)
    {
        var body = encoding.Compress(lines);
        if (body.Length <= maxBytes || count == 1)
        {
            bodies.Add((body, count));
            return;
        }

        body.Dispose();
        var middle = lines[..(lines.Length / 2)].LastIndexOf((byte)'\n') + 1;
        if (middle == 0)
        {
            middle = lines.IndexOf((byte)'\n') + 1;
        }

        var firstCount = lines[..middle].Count((byte)'\n');
        Pack(lines[..middle], firstCount, encoding, maxBytes, bodies);
        Pack(lines[middle..], count - firstCount, encoding, maxBytes, bodies);
    }
}
