using Kixo.Publishing;

namespace Kixo.Tests.Publishing;

public sealed class PartitionKeyTests
{
    [Theory]
    [InlineData(0, "p/0")]
    [InlineData(4, "p/0")]
    [InlineData(5, "p/1")]
    [InlineData(99, "p/19")]
    [InlineData(639, "p/127")]
    [InlineData(640, "p/0")]
    [InlineData(99_999, "p/31")]
    public void Of_RequestOfItsSecond_IsFiveToAShard(int requestOfSecond, string key) =>
        Assert.Equal(key, PartitionKey.Of("p", requestOfSecond));
}
