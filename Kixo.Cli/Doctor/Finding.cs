namespace Kixo.Cli.Doctor;

/// <summary>What a check has found.</summary>
/// <param name="Check">What was looked at.</param>
/// <param name="Message">What is so.</param>
/// <param name="Remedy">What mends it; null where nothing needs to be mended.</param>
internal sealed record Finding(string Check, Health State, string Message, string? Remedy = null)
{
    public static Finding Ok(string check, string message) => new(check, Health.Ok, message);

    public static Finding Warning(string check, string message, string remedy) => new(check, Health.Warning, message, remedy);

    public static Finding Problem(string check, string message, string remedy) => new(check, Health.Problem, message, remedy);
}

internal enum Health
{
    Ok,

    /// <summary>It works, but somebody should know.</summary>
    Warning,

    /// <summary>Batches are refused, or events do not reach the lake.</summary>
    Problem,
}
