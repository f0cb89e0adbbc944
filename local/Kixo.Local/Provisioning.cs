using Azure.Data.Tables;
using Azure.Storage.Blobs;
using Kixo.Cli.Keys;
using Kixo.Cli.Projects;
using Kixo.Keys;
using Kixo.Persistence;
using Kixo.RateLimiting;

namespace Kixo.Local;

/// <summary>What Bicep makes in Azure, and the project and key of the documentation's examples.</summary>
internal static class Provisioning
{
    public const string ProjectId = "kx_proj_abc123";
    public const string ApiKey = "kx_key_xyz789";

    private const string CheckpointContainer = "azure-webjobs-eventhub";

    /// <summary>Makes what is missing, and leaves what is there.</summary>
    public static async Task EnsureAsync(string storage, TimeProvider time, CancellationToken cancellationToken)
    {
        var tables = new TableServiceClient(storage);
        foreach (var table in (string[])[ApiKeyEntity.Table, ProjectEntity.Table, CounterEntity.Table])
        {
            await tables.CreateTableIfNotExistsAsync(table, cancellationToken);
        }

        var blobs = new BlobServiceClient(storage);
        foreach (var container in (string[])[LakePath.Container, DeadLetters.Container, CheckpointContainer])
        {
            await blobs.GetBlobContainerClient(container).CreateIfNotExistsAsync(cancellationToken: cancellationToken);
        }

        var projects = new ProjectAdmin(tables, time);
        if (!(await projects.ListAsync(cancellationToken)).Any(project => project.PartitionKey == ProjectId))
        {
            await projects.CreateAsync(ProjectId, "Local example", cancellationToken);
        }

        // What has become of the key since, is as somebody wanted it: only one that was never made is made.
        var keys = new KeyAdmin(tables, time);
        if (!(await keys.ListAsync(ProjectId, cancellationToken)).Any(key => key.RowKey == ApiKeyHash.Of(ApiKey)))
        {
            await keys.CreateAsync(ProjectId, new ApiKeyEntity { Label = "Local example" }, ApiKey, cancellationToken);
        }
    }
}
