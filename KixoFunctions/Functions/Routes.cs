namespace Kixo.Functions;

/// <summary>The paths that functions answer on, without a leading slash; host.json sets no prefix.</summary>
internal static class Routes
{
    public const string Batch = "v1/batch";
    public const string OpenApi = "v1/openapi.json";
    public const string Live = "health/live";
    public const string Ready = "health/ready";

    /// <summary>Everything else.</summary>
    public const string Any = "{*path}";

    /// <summary>The methods of each path, as an <c>Allow</c> header says them.</summary>
    public static readonly IReadOnlyDictionary<string, string> Methods = new Dictionary<string, string>(StringComparer.OrdinalIgnoreCase)
    {
        [Batch] = "POST, OPTIONS",
        [OpenApi] = "GET",
        [Live] = "GET",
        [Ready] = "GET",
    };
}
