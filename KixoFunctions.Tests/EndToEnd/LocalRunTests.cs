using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using System.Text;
using System.Text.Json.Nodes;
using Kixo.Cli;
using Kixo.Local;
using Kixo.Tests.Support;

namespace Kixo.Tests.EndToEnd;

/// <summary>The local run and <c>kixo</c> as a newcomer has them: as programs, in a folder of their own.</summary>
public sealed class LocalRunTests : IDisposable
{
    private readonly TestFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [UnixFact]
    public async Task Starts_stops_leaving_nothing_behind_and_starts_again_with_its_data()
    {
        var port = Ports.Free();
        for (var run = 1; run <= 2; run++)
        {
            await using var local = Start(port);
            await local.SaidAsync("Ctrl+C stops all of it.");
            using var client = new HttpClient();
            using var answer = await client.PostAsync(new Uri($"http://127.0.0.1:{port}/v1/batch"), new StringContent(Body, Encoding.UTF8, "application/json"));
            Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
            await EventsReadAsync(run);

            await local.TerminateAsync();

            Assert.Equal(0, local.ExitCode);
            Assert.Empty(ProcessesOf(_folder.Path));
            Assert.True(Ports.IsFree(port));
        }
    }

    [Fact]
    public async Task Killed_it_leaves_no_process_behind()
    {
        await using var local = Start(Ports.Free());
        await local.SaidAsync("Ctrl+C stops all of it.");
        Assert.NotEmpty(ProcessesOf(_folder.Path));

        await local.KillAsync();

        await TestStack.EventuallyAsync(() => Task.FromResult(ProcessesOf(_folder.Path).Count == 0), () => "the parts to end with their parent");
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    public async Task A_taken_port_is_one_sentence_and_exit_code_1(int instance)
    {
        var ports = FreeInARow();
        var port = ports[instance];
        using var taken = new TcpListener(IPAddress.Loopback, port);
        taken.Start();

        await using var local = Start(ports[0], ["--instances", "2"]);
        await local.EndedAsync();

        Assert.Equal(1, local.ExitCode);
        Assert.Contains($"Port {port} is taken", local.Output, StringComparison.Ordinal);
        Assert.Empty(ProcessesOf(_folder.Path));
    }

    [Fact]
    public async Task Several_instances_share_storage_and_hub_and_end_together()
    {
        var ports = FreeInARow();
        await using var local = Start(ports[0], ["--instances", "2"]);
        await local.SaidAsync("Ctrl+C stops all of it.");
        using var client = new HttpClient();
        foreach (var port in ports)
        {
            Assert.Contains($"http://127.0.0.1:{port}", local.Output, StringComparison.Ordinal);
            using var answer = await client.PostAsync(new Uri($"http://127.0.0.1:{port}/v1/batch"), new StringContent(Body, Encoding.UTF8, "application/json"));
            Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
        }

        await EventsReadAsync(ports.Length);
        await local.SaidAsync($"events accepted {ports.Length} ");
        Assert.True(File.Exists(_folder.Sub(".kixo/logs/app-2.log")));

        var app = ProcessesOf(_folder.Path).First(process => process.CommandLine.Contains("KixoFunctions.dll", StringComparison.Ordinal));
        Process.GetProcessById(app.Id).Kill();

        await local.EndedAsync();
        Assert.Equal(1, local.ExitCode);
        Assert.Contains(ports, port => local.Output.Contains($"The app on port {port} has ended", StringComparison.Ordinal));
        Assert.Empty(ProcessesOf(_folder.Path));
    }

    [Theory]
    [InlineData(7071, "0", "--instances takes a number from 1 to 32.")]
    [InlineData(7071, "33", "--instances takes a number from 1 to 32.")]
    [InlineData(7071, "four", "--instances takes a number from 1 to 32.")]
    [InlineData(65535, "2", "between 1 and 65535")]
    [InlineData(0, "1", "between 1 and 65535")]
    public async Task Instances_or_ports_that_cannot_be_are_a_message_and_exit_code_1(int port, string instances, string message)
    {
        await using var local = Start(port, ["--instances", instances]);
        await local.EndedAsync();

        Assert.Equal(1, local.ExitCode);
        Assert.Contains(message, local.Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Without_Node_it_says_so_and_exits_with_1()
    {
        await using var local = Start(Ports.Free(), path: _folder.Path);
        await local.EndedAsync();

        Assert.Equal(1, local.ExitCode);
        Assert.Contains("Node.js is needed", local.Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_part_that_dies_ends_the_run_with_exit_code_1()
    {
        await using var local = Start(Ports.Free());
        await local.SaidAsync("Ctrl+C stops all of it.");

        foreach (var part in ProcessesOf(_folder.Path).Where(process => process.CommandLine.Contains("azurite.js", StringComparison.Ordinal)))
        {
            Process.GetProcessById(part.Id).Kill();
        }

        await local.EndedAsync();
        Assert.Equal(1, local.ExitCode);
        Assert.Contains("Azurite has ended", local.Output, StringComparison.Ordinal);
        Assert.Empty(ProcessesOf(_folder.Path));
    }

    [Fact]
    public async Task Kixo_without_a_local_run_says_what_to_do()
    {
        await using var kixo = TestProgram.Start(typeof(CliException).Assembly, _folder.Path, ["projects", "list"]);
        await kixo.EndedAsync();

        Assert.Equal(1, kixo.ExitCode);
        Assert.Contains("dotnet run --project local/Kixo.Local", kixo.Output, StringComparison.Ordinal);
    }

    private TestProgram Start(int port, string[]? more = null, string? path = null) =>
        TestProgram.Start(typeof(LocalStack).Assembly, _folder.Path, ["--port", $"{port}", .. more ?? []], path);

    /// <summary>Two free ports, one behind the other.</summary>
    private static int[] FreeInARow()
    {
        while (true)
        {
            var (first, second) = (Ports.Free(), Ports.Free());
            if (second == first + 1)
            {
                return [first, second];
            }
        }
    }

    private async Task EventsReadAsync(int count)
    {
        var events = new List<JsonNode>();
        await TestStack.EventuallyAsync(async () =>
        {
            await using var kixo = TestProgram.Start(typeof(CliException).Assembly, _folder.Path, ["events", "--project", Provisioning.ProjectId, "--output", "json"]);
            await kixo.EndedAsync();
            events = [.. kixo.Output.Split('\n').Where(line => line.StartsWith('{')).Select(line => JsonNode.Parse(line)!)];
            return events.Count >= count;
        }, () => $"kixo events to print {count} events");
        Assert.Equal(count, events.Count);
        Assert.All(events, line => Assert.Equal("buy", (string?)line["event_name"]));
    }

    private const string Body =
        $$"""
        {"project_id":"{{Provisioning.ProjectId}}","api_key":"{{Provisioning.ApiKey}}","bundle_id":"com.example.app","platform":"ios",
         "batch":[{"event_type":"tap","event_name":"buy","device_id":"device_001","session_id":"s","timestamp":"2026-04-08T12:00:00Z"}]}
        """;

    /// <summary>Processes that name the folder on their command line or work in it. Linux tells; elsewhere there are none to see.</summary>
    private static List<(int Id, string CommandLine)> ProcessesOf(string folder)
    {
        var found = new List<(int, string)>();
        if (!OperatingSystem.IsLinux())
        {
            return found;
        }

        foreach (var process in Directory.EnumerateDirectories("/proc").Where(directory => int.TryParse(Path.GetFileName(directory), out _)))
        {
            try
            {
                var commandLine = File.ReadAllText(Path.Combine(process, "cmdline")).Replace('\0', ' ');
                var workingFolder = new FileInfo(Path.Combine(process, "cwd")).LinkTarget ?? "";
                if (commandLine.Contains(folder, StringComparison.Ordinal) || workingFolder.StartsWith(folder, StringComparison.Ordinal))
                {
                    found.Add((int.Parse(Path.GetFileName(process), System.Globalization.CultureInfo.InvariantCulture), commandLine));
                }
            }
            catch (Exception e) when (e is IOException or UnauthorizedAccessException)
            {
                // It has ended in the meantime.
            }
        }

        return found;
    }
}
