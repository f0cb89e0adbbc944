namespace Kixo.Local.Live;

/// <summary>Takes so many events a second of what passes that a browser can show them and a person might read them.</summary>
internal sealed class EventSample(TimeProvider time)
{
    public const int PerSecond = 50;

    private readonly Lock _lock = new();
    private long _second;
    private int _taken;

    /// <returns>The first lines of the chunk, as far as this second has room, and how many others it has.</returns>
    public (IReadOnlyList<string> Lines, int Skipped) Of(EventChunk chunk)
    {
        var count = Take(chunk.EventCount);
        if (count == 0)
        {
            return ([], chunk.EventCount);
        }

        using var lines = new StreamReader(chunk.Encoding.Decompress(BinaryData.FromBytes(chunk.Body).ToStream()));
        return ([.. Enumerable.Range(0, count).Select(_ => lines.ReadLine()!)], chunk.EventCount - count);
    }

    private int Take(int count)
    {
        lock (_lock)
        {
            var second = time.GetUtcNow().ToUnixTimeSeconds();
            (_second, _taken) = second == _second ? (_second, _taken) : (second, 0);
            count = Math.Min(count, PerSecond - _taken);
            _taken += count;
            return count;
        }
    }
}
