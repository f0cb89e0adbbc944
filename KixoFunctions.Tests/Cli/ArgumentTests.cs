using System.CommandLine;
using Kixo.Cli;
using Kixo.Cli.Load;
using Kixo.Cli.Verify;
using Kixo.Local;
using Kixo.Tests.Support;
using Spectre.Console;

namespace Kixo.Tests.Cli;

/// <summary>What is mistyped, or came to nothing, must not read as a success.</summary>
public sealed class ArgumentTests(AzuriteFixture azurite) : IClassFixture<AzuriteFixture>
{
    [Theory]
    [InlineData(0, "verify")]
    [InlineData(1, "verify", "--project", "mistyped")]
    [InlineData(1, "verify", "--environment", "staging")]
    public async Task Of_a_project_or_environment_that_is_named_there_must_be_something(int exitCode, params string[] arguments) =>
        Assert.Equal(exitCode, await RunAsync(arguments));

    [Fact]
    public async Task A_load_of_which_nothing_was_accepted_has_failed() =>
        Assert.Equal(1, await RunAsync("load", $"http://127.0.0.1:{Ports.Free()}", "--keys", "a:b", "--duration", "0.1"));

    [Theory]
    [InlineData("verify", "--environment", "prod")]
    [InlineData("load", "--events", "5000")]
    [InlineData("load", "--duration", "1e300")]
    [InlineData("load", "--duration", "NaN")]
    [InlineData("load", "--timeout", "1e10")]
    [InlineData("verify", "--output", "csv")]
    public void What_no_option_takes_is_refused(params string[] arguments) => Assert.NotEmpty(Parse(arguments).Errors);

    [Theory]
    [InlineData("expected <project>:<key>", "load", "http://127.0.0.1:1", "--keys", "nonsense")]
    [InlineData("there is no file missing/keys", "load", "http://127.0.0.1:1", "--keys", "missing/keys")]
    [InlineData("more than 10,000,000 requests", "load", "http://127.0.0.1:1", "--rate", "100000", "--duration", "3600", "--events", "1")]
    [InlineData("over https", "verify", "--storage", "http://127.0.0.1:10000")]
    public async Task What_cannot_be_done_is_a_sentence(string part, params string[] arguments) =>
        Assert.Contains(part, (await Assert.ThrowsAsync<CliException>(() => RunAsync(arguments))).Message, StringComparison.Ordinal);

    [Fact]
    public void A_file_without_keys_is_a_sentence()
    {
        using var folder = new TestFolder();
        File.WriteAllText(folder.Sub("keys"), "\n");

        Assert.Contains("no line", Assert.Throws<CliException>(() => SenderSource.Parse([folder.Sub("keys")])).Message, StringComparison.Ordinal);
    }

    private Task<int> RunAsync(params string[] arguments) =>
        Parse([.. arguments, .. arguments.Contains("--storage") ? Array.Empty<string>() : ["--storage", azurite.ConnectionString]])
            .InvokeAsync(new InvocationConfiguration { EnableDefaultExceptionHandler = false });

    private static ParseResult Parse(string[] arguments)
    {
        var output = new Output(AnsiConsole.Create(new AnsiConsoleSettings { Out = new AnsiConsoleOutput(TextWriter.Null) }));
        var storage = new StorageOptions();
        var root = new RootCommand { VerifyCommand.Create(storage, output), LoadCommand.Create(storage, output) };
        root.Options.Add(storage.Storage);
        root.Options.Add(storage.Data);
        root.Options.Add(output.Format);
        return root.Parse(arguments);
    }
}
