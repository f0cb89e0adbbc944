using System.CommandLine;
using Kixo.Batches;
using Kixo.Cli.Events;

namespace Kixo.Cli.Lake;

/// <summary>The part of the event lake that is meant; null stands for all.</summary>
/// <param name="ProjectId">Of this project.</param>
/// <param name="Environment">Of this environment.</param>
/// <param name="Since">What was received at this time (UTC) or later, by whole hours.</param>
internal readonly record struct LakeScope(string? ProjectId = null, string? Environment = null, DateTime? Since = null);

/// <summary>The options that name a part of the lake.</summary>
internal sealed class LakeScopeOptions
{
    private readonly Option<string?> _project = new("--project", "-p") { Description = "Only this project. Default: all." };
    private readonly Option<string?> _environment = new("--environment", "-e") { Description = $"Only this environment: {string.Join(", ", EnvelopeReader.Environments)}. Default: all." };
    private readonly Option<string?> _since = new("--since")
    {
        Description = "Only what was received since, by whole hours: 30s, 15m, 1h, 2d ago, or a time such as 2026-04-08T12:00:00Z. Default: all.",
    };

    public LakeScopeOptions() => _environment.AcceptOnlyFromAmong([.. EnvelopeReader.Environments]);

    public void AddTo(Command command)
    {
        command.Options.Add(_project);
        command.Options.Add(_environment);
        command.Options.Add(_since);
    }

    /// <exception cref="CliException">The time is not understood.</exception>
    public LakeScope Of(ParseResult arguments, TimeProvider time) => new(
        arguments.GetValue(_project),
        arguments.GetValue(_environment),
        arguments.GetValue(_since) is { } since ? Since.Parse(since, time.GetUtcNow().UtcDateTime) : null);
}
