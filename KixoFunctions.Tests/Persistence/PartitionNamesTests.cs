using Kixo.Persistence;

namespace Kixo.Tests.Persistence;

public sealed class PartitionNamesTests
{
    [Theory]
    [InlineData("""{"PartitionId":"3"}""", "3")]
    [InlineData("""{"FullyQualifiedNamespace":"n","PartitionId":"31","Last":{}}""", "31")]
    [InlineData("", null)]
    [InlineData("{", null)]
    [InlineData("null", null)]
    [InlineData("[\"PartitionId\"]", null)]
    [InlineData("{}", null)]
    [InlineData("""{"partitionId":"3"}""", null)]
    [InlineData("""{"PartitionId":3}""", null)]
    [InlineData("""{"PartitionId":null}""", null)]
    [InlineData("""{"PartitionId":""}""", null)]
    public void IdFrom_PartitionContext_IsItsPartitionId(string json, string? id) =>
        Assert.Equal(id, PartitionNames.IdFrom(new Dictionary<string, object?> { ["PartitionContext"] = json }));

    [Fact]
    public void IdFrom_NoPartitionContext_IsUnknown()
    {
        Assert.Null(PartitionNames.IdFrom(new Dictionary<string, object?>()));
        Assert.Null(PartitionNames.IdFrom(new Dictionary<string, object?> { ["PartitionContext"] = null }));
        Assert.Null(PartitionNames.IdFrom(new Dictionary<string, object?> { ["PartitionContext"] = 5 }));
    }

    [Fact]
    public void FromKey_Key_IsANameForItThatNeverChanges()
    {
        // Names of blobs that exist go by it.
        Assert.Equal("key44bc2cf5ad770999", PartitionNames.FromKey("abc"));
        Assert.NotEqual(PartitionNames.FromKey("abc"), PartitionNames.FromKey("abd"));
    }

    [Theory]
    [InlineData(null)]
    [InlineData("")]
    public void FromKey_NoKey_IsUnknown(string? key) => Assert.Null(PartitionNames.FromKey(key));
}
