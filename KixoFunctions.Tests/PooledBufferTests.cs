using CsCheck;

namespace Kixo.Tests;

public sealed class PooledBufferTests
{
    [Fact]
    public void What_is_appended_is_there_in_order_however_often_it_grows() =>
        Gen.Byte.Array[0, 500].Array[0, 20].Sample(parts =>
        {
            using var buffer = new PooledBuffer(1);
            foreach (var part in parts)
            {
                buffer.Append(part);
            }

            Assert.Equal(parts.SelectMany(part => part), buffer.Written.ToArray());
        });

    [Fact]
    public void Free_GivesAtLeastWhatIsAskedBehindWhatIsWritten()
    {
        using var buffer = new PooledBuffer(1);
        buffer.Append([1, 2]);

        var free = buffer.Free(10_000);
        free.Span[0] = 3;
        buffer.Advance(1);

        Assert.True(free.Length >= 10_000);
        Assert.Equal([1, 2, 3], buffer.Written.ToArray());
    }

    [Fact]
    public void Clear_StartsOverInTheSameSpace()
    {
        using var buffer = new PooledBuffer(100);
        buffer.Append([1, 2]);
        var capacity = buffer.Capacity;

        buffer.Clear();
        buffer.Append([3]);

        Assert.Equal([3], buffer.Written.ToArray());
        Assert.Equal(capacity, buffer.Capacity);
    }

    [Fact]
    public void Dispose_Twice_ReturnsTheArrayOnce()
    {
        // A size of its own, so that no other test has this array between the two rents.
        var buffer = new PooledBuffer(30_000_000);
        buffer.Dispose();
        buffer.Dispose();

        var (a, b) = (new PooledBuffer(30_000_000), new PooledBuffer(30_000_000));
        a.Append([1]);
        b.Append([2]);

        Assert.Equal(1, a.Written.Span[0]);
    }
}
