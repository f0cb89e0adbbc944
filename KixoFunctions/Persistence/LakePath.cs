using System.Globalization;
using System.Text.RegularExpressions;

namespace Kixo.Persistence;

/// <summary>
/// Names in the event lake (container <see cref="Container"/>), hive-partitioned, so that query engines read the folders as columns:
/// <c>project_id=&lt;p&gt;/environment=&lt;e&gt;/date=&lt;yyyy-MM-dd&gt;/hour=&lt;HH&gt;/&lt;partition&gt;-&lt;n&gt;.ndjson.zst</c>,
/// by the UTC time at which the request came.
/// </summary>
internal static partial class LakePath
{
    public const string Container = "events";

    public static string ProjectFolder(string projectId) => $"project_id={projectId}/";

    /// <summary>The folder of an hour, with its closing slash.</summary>
    public static string HourFolder(string projectId, string environment, DateTime receivedAt) => string.Create(
        CultureInfo.InvariantCulture, $"{ProjectFolder(projectId)}environment={environment}/date={receivedAt:yyyy-MM-dd}/hour={receivedAt:HH}/");

    public static string Blob(string hourFolder, string partition, int number, ChunkEncoding encoding) =>
        string.Create(CultureInfo.InvariantCulture, $"{hourFolder}{partition}-{number}{encoding.Extension()}");

    /// <summary>The hour (UTC) and the rest of what a blob's name says; false for a name that is not the lake's.</summary>
    public static bool TryParse(string name, out LakeName parsed)
    {
        parsed = default;
        var match = Form().Match(name);
        if (!match.Success || !DateTime.TryParseExact(
            match.Groups["date"].Value + match.Groups["hour"].Value, "yyyy-MM-ddHH", CultureInfo.InvariantCulture,
            DateTimeStyles.AssumeUniversal | DateTimeStyles.AdjustToUniversal, out var hour))
        {
            return false;
        }

        var encoding = match.Groups["ending"].Value == ChunkEncoding.Zstd.Extension() ? ChunkEncoding.Zstd : ChunkEncoding.Gzip;
        parsed = new(
            match.Groups["project"].Value, match.Groups["environment"].Value, hour, match.Groups["partition"].Value,
            int.Parse(match.Groups["number"].Value, CultureInfo.InvariantCulture), encoding);
        return true;
    }

    [GeneratedRegex(
        @"^project_id=(?<project>[^/]+)/environment=(?<environment>[^/]+)/date=(?<date>[^/]+)/hour=(?<hour>[^/]+)/(?<partition>[^/]+)-(?<number>[0-9]{1,9})(?<ending>\.ndjson\.(zst|gz))\z",
        RegexOptions.CultureInvariant)]
    private static partial Regex Form();
}

/// <summary>What the name of a blob in the lake says.</summary>
internal readonly record struct LakeName(
    string ProjectId, string Environment, DateTime Hour, string Partition, int Number, ChunkEncoding Encoding);
