namespace Kixo.Cli.Load;

/// <summary>What load to put on a deployment.</summary>
/// <param name="Urls">Addresses of its instances, which take turns.</param>
/// <param name="Rate">Requests a second, over all projects.</param>
/// <param name="Events">Of one request.</param>
/// <param name="Duration">How long to send.</param>
/// <param name="InFlight">Requests under way at most.</param>
/// <param name="Timeout">How long to wait for an answer.</param>
internal sealed record LoadOptions(
    IReadOnlyList<Uri> Urls, double Rate, int Events, TimeSpan Duration, int InFlight, LoadCompression Compression, string Environment, TimeSpan Timeout)
{
    /// <summary>Requests that are sent if nothing is in the way.</summary>
    public int Requests => (int)Math.Min(Rate * Duration.TotalSeconds, int.MaxValue / 2);

    /// <summary>When a request is to be sent, from the start.</summary>
    public TimeSpan Due(int request) => TimeSpan.FromSeconds(request / Rate);
}

internal enum LoadCompression
{
    None,
    Gzip,
    Zstd,
}

/// <summary>A project and a key of it, to send as.</summary>
internal readonly record struct Sender(string ProjectId, string ApiKey);
