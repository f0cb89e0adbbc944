using System.CommandLine;
using System.CommandLine.Parsing;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Serialization;
using Kixo.Cli.Query;
using Spectre.Console;
using Spectre.Console.Rendering;

namespace Kixo.Cli;

/// <summary>How a command says what it has found or done: <c>--output table</c> for people, <c>--output json</c> for programs.</summary>
internal sealed class Output
{
    private static readonly JsonSerializerOptions Json = new()
    {
        PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower,
        WriteIndented = true,
        Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
        Converters = { new JsonStringEnumConverter(JsonNamingPolicy.SnakeCaseLower) },
    };

    private readonly IAnsiConsole _console;

    public Output(IAnsiConsole console)
    {
        _console = console;
        Format.CompletionSources.Clear(); // they would be the names of the enum's members
        Format.CompletionSources.Add("table", "json", "csv");
        Format.Validators.Add(result =>
        {
            if (result.GetValueOrDefault<OutputFormat>() == OutputFormat.Csv && result.Parent is CommandResult { Command: not RootCommand and { Name: not QueryCommand.Name } })
            {
                result.AddError($"--output csv is for kixo {QueryCommand.Name} only.");
            }
        });
    }

    public Option<OutputFormat> Format { get; } = new("--output", "-o")
    {
        Description = "table for people, json for programs; kixo query writes csv too.",
        HelpName = "table|json|csv",
        Recursive = true,
        DefaultValueFactory = _ => OutputFormat.Table,
    };

    public IAnsiConsole Console => _console;

    public bool IsJson(ParseResult arguments) => arguments.GetValue(Format) == OutputFormat.Json;

    /// <param name="value">What the JSON holds: its members in snake_case.</param>
    /// <param name="view">The same for people.</param>
    public void Write<T>(ParseResult arguments, T value, Func<IRenderable> view)
    {
        if (IsJson(arguments))
        {
            // As it is: the console would wrap it.
            _console.Profile.Out.Writer.WriteLine(JsonSerializer.Serialize(value, Json));
        }
        else
        {
            _console.Write(view());
        }
    }

    /// <param name="value">What the JSON holds: its members in snake_case.</param>
    /// <param name="sentence">The same for people.</param>
    public void Write<T>(ParseResult arguments, T value, string sentence) => Write(arguments, value, () => new Text(sentence + Environment.NewLine));
}

internal enum OutputFormat
{
    Table,
    Json,
    Csv,
}
