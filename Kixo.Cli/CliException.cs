namespace Kixo.Cli;

/// <summary>Ends the command with one sentence for the person at the terminal, and exit code 1.</summary>
internal sealed class CliException(string message) : Exception(message);
