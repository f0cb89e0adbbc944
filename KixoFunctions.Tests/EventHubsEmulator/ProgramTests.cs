using System.Net;
using System.Net.Sockets;
using Kixo.EventHubsEmulator;
using Kixo.Tests.Support;

namespace Kixo.Tests.EventHubsEmulator;

public sealed class ProgramTests : IDisposable
{
    private readonly TestFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [UnixFact]
    public async Task Terminated_StopsInPeace()
    {
        await using var program = Start("--port", "0");
        await program.SaidAsync("UseDevelopmentEmulator=true");
        await program.SaidAsync("Ctrl+C stops it.");

        await program.TerminateAsync();

        Assert.Equal(0, program.ExitCode);
        Assert.Contains("Stopped.", program.Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task PortTaken_SaysSo()
    {
        using var other = new TcpListener(IPAddress.Loopback, 0);
        other.Start();
        var port = ((IPEndPoint)other.LocalEndpoint).Port;

        await FailsAsync($"Port {port} on 127.0.0.1 is taken: stop what listens there or choose another port.", "--port", $"{port}");
    }

    [Fact]
    public async Task FolderNotWritable_SaysSo()
    {
        await File.WriteAllTextAsync(_folder.Sub("file"), "");

        await FailsAsync("choose another folder.", "--port", "0", "--data", "file/data");
    }

    [Fact]
    public async Task FolderDamaged_NamesFileAndByte()
    {
        var partition = Directory.CreateDirectory(_folder.Sub(".eventhubs/events/3")).FullName;
        await using (var log = Kixo.EventHubsEmulator.Storage.PartitionLog.Open(partition, new(), TimeProvider.System))
        {
            await log.AppendAsync([new(null, new byte[100]), new(null, new byte[100])]);
        }

        var file = Directory.GetFiles(partition).Single();
        var bytes = await File.ReadAllBytesAsync(file);
        bytes[50] ^= 1;
        await File.WriteAllBytesAsync(file, bytes);

        await FailsAsync($"{Path.GetFileName(file)} is damaged at byte 0", "--port", "0");
    }

    [Theory]
    [InlineData("--hub", "events")]
    [InlineData("--hub", "events:0")]
    [InlineData("--config", "missing.json")]
    public async Task SettingWrong_NamesIt(string option, string value) => await FailsAsync(value.Split(':')[0], "--port", "0", option, value);

    private async Task FailsAsync(string because, params string[] arguments)
    {
        await using var program = Start(arguments);
        await program.EndedAsync();

        Assert.Equal(1, program.ExitCode);
        Assert.Contains(because, program.Output, StringComparison.Ordinal);
        Assert.DoesNotContain("   at ", program.Output, StringComparison.Ordinal); // no stack trace
    }

    private TestProgram Start(params string[] arguments) => TestProgram.Start(typeof(Emulator).Assembly, _folder.Path, arguments);
}
