using Azure.Storage.Blobs;
using CsCheck;
using Kixo.Tests.Support;

namespace Kixo.Tests.Persistence;

/// <summary>
/// Whatever sequence of appends, redeliveries, takeovers, lost races, lost and late answers and hubs made again: the lake holds
/// each message once, in order.
/// </summary>
public sealed class LakeModelTests(AzuriteFixture azurite) : IClassFixture<AzuriteFixture>
{
    [Fact]
    public async Task In_memory_each_message_is_there_once_and_in_order() => await LakeModel.AnySteps.SampleAsync(
        steps => new LakeModel(new MemoryBlobService(), options => new BlobServiceClient(new Uri("http://memory"), options)).RunAsync(steps),
        iter: 1_000,
        print: steps => string.Join('\n', steps.AsEnumerable()));

    [Fact]
    public async Task On_Azurite_each_message_is_there_once_and_in_order()
    {
        using var connection = new SocketsHttpHandler();
        await LakeModel.AnySteps.SampleAsync(
            steps => new LakeModel(connection, options => new BlobServiceClient(azurite.ConnectionString, options)).RunAsync(steps),
            iter: 30,
            threads: 2,
            print: steps => string.Join('\n', steps.AsEnumerable()));
    }
}
