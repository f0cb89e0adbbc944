using Azure.Data.Tables;
using Kixo.Cli.Keys;
using Kixo.Cli.Projects;
using Kixo.Keys;

namespace Kixo.Cli.Load;

/// <summary>Where a load's projects and keys come from.</summary>
internal static class SenderSource
{
    // Far over any load: what is to be measured is the deployment, not the limit.
    private const int RequestsPerSecond = 100_000;

    private static readonly TimeSpan Overtime = TimeSpan.FromHours(1);

    /// <param name="pairs">Pairs <c>project:key</c>, or names of files with one on each line.</param>
    /// <exception cref="CliException">One is neither, or they hold none.</exception>
    public static IReadOnlyList<Sender> Parse(IEnumerable<string> pairs) =>
        pairs.SelectMany(pair => File.Exists(pair) ? File.ReadLines(pair).Where(line => !string.IsNullOrWhiteSpace(line)) : [pair]).Select(ParseOne).ToList()
            is { Count: > 0 } senders ? senders : throw new CliException("--keys: there is no line in the file.");

    /// <summary>Makes projects for this run, and a key for each that ends soon after it.</summary>
    public static async Task<IReadOnlyList<Sender>> CreateAsync(
        TableServiceClient tables, string run, int count, TimeSpan duration, TimeProvider time, CancellationToken cancellationToken)
    {
        var (projects, keys) = (new ProjectAdmin(tables, time), new KeyAdmin(tables, time));
        var senders = new List<Sender>();
        for (var i = 1; i <= count; i++)
        {
            var projectId = $"kx_load_{run}_{i}";
            await projects.CreateAsync(projectId, "Made by kixo load", cancellationToken);
            await projects.SetLimitAsync(projectId, RequestsPerSecond, cancellationToken);
            var terms = new ApiKeyEntity { Label = "Made by kixo load", ExpiresAt = time.GetUtcNow() + duration + Overtime };
            senders.Add(new(projectId, await keys.CreateAsync(projectId, terms, apiKey: null, cancellationToken)));
        }

        return senders;
    }

    private static Sender ParseOne(string pair) =>
        pair.Trim().Split(':', 2) is [{ } projectId, { Length: > 0 } apiKey] && KeyStore.IsProjectId(projectId)
            ? new(projectId, apiKey)
            : throw new CliException(pair.AsSpan().ContainsAny('/', '\\')
                ? $"--keys: there is no file {pair}."
                : "--keys: expected <project>:<key>, or the name of a file with one on each line.");
}
