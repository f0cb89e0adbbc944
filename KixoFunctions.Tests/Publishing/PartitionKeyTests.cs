using Kixo.Publishing;

namespace Kixo.Tests.Publishing;

public sealed class PartitionKeyTests
{
    [Theory]
    [InlineData(0, "p/0")]
    [InlineData(9, "p/0")]
    [InlineData(10, "p/1")]
    [InlineData(99, "p/9")]
    [InlineData(1_279, "p/127")]
    [InlineData(1_280, "p/0")]
    [InlineData(99_999, "p/15")]
    public void Of_RequestOfItsSecond_IsTenToAShard(int requestOfSecond, string key) =>
        Assert.Equal(key, PartitionKey.Of("p", requestOfSecond));
}
