using Azure;
using Azure.Data.Tables;

namespace Kixo.Keys;

/// <summary>A row of table <c>ApiKeys</c>: PartitionKey the project's id, RowKey the key's <see cref="ApiKeyHash"/>.</summary>
internal sealed class ApiKeyEntity : ITableEntity
{
    public const string Table = "ApiKeys";

    public string PartitionKey { get; set; } = "";
    public string RowKey { get; set; } = "";
    public DateTimeOffset? Timestamp { get; set; }
    public ETag ETag { get; set; }

    /// <summary>What the key is for, in its owner's words.</summary>
    public string? Label { get; set; }

    /// <summary>False once revoked.</summary>
    public bool Enabled { get; set; } = true;

    public DateTimeOffset CreatedAt { get; set; }

    public DateTimeOffset? ExpiresAt { get; set; }

    /// <summary>Comma-separated; empty or absent allows all. Likewise the two below.</summary>
    public string? AllowedPlatforms { get; set; }

    public string? AllowedBundleIds { get; set; }

    public string? AllowedEnvironments { get; set; }
}

/// <summary>A row of table <c>Projects</c>: PartitionKey the project's id, RowKey <see cref="Row"/>.</summary>
internal sealed class ProjectEntity : ITableEntity
{
    public const string Table = "Projects";
    public const string Row = "project";

    public string PartitionKey { get; set; } = "";
    public string RowKey { get; set; } = Row;
    public DateTimeOffset? Timestamp { get; set; }
    public ETag ETag { get; set; }

    public string? Name { get; set; }

    public bool Enabled { get; set; } = true;

    public DateTimeOffset CreatedAt { get; set; }

    /// <summary>The project's own limit; absent, the setting <c>Kixo:RateLimiting:RequestsPerSecond</c>.</summary>
    public int? RequestsPerSecond { get; set; }
}
