using System.Text;
using Amqp;
using Amqp.Framing;
using Kixo.EventHubsEmulator.Storage;

namespace Kixo.Tests.Support;

public sealed class LogScanTests : IDisposable
{
    private readonly TestFolder _folder = new();

    public void Dispose()
    {
        File.Delete(_folder.Sub("app.log")); // else it would be found here, too
        _folder.Dispose();
    }

    [Theory]
    [InlineData("Nothing to hide: page_view by s_001.", false)]
    [InlineData("Somebody uses kx_key_0a1b", true)]
    [InlineData("It came from device-0001.", true)]
    [InlineData("He came from https://example.com.", true)]
    [InlineData("He paid with card-00001.", true)]
    public async Task Keys_devices_and_values_that_went_through_the_hub_are_found(string line, bool isLeak)
    {
        await AppendAsync(Some.Event(("device_id", "\"device-0001\""), ("properties", """{"referrer":"https://example.com","paid":[{"with":"card-00001"}]}""")));
        await File.WriteAllLinesAsync(_folder.Sub("app.log"), ["A good line.", line]);

        Assert.Equal(isLeak ? [$"app.log: {line}"] : [], LogScan.Leaks(_folder.Path));
    }

    private async Task AppendAsync(string line)
    {
        using var body = ChunkEncoding.Zstd.Compress(Encoding.UTF8.GetBytes($"{line}\n"));
        var message = new Message
        {
            ApplicationProperties = new() { ["encoding"] = ChunkEncoding.Zstd.Name() },
            BodySection = new Data { Binary = body.Written.ToArray() },
        }.Encode();
        Directory.CreateDirectory(_folder.Sub("hub/0"));
        await using var log = PartitionLog.Open(_folder.Sub("hub/0"), new(), TimeProvider.System);
        await log.AppendAsync([new(null, message.Buffer.AsMemory(message.Offset, message.Length))]);
    }
}
