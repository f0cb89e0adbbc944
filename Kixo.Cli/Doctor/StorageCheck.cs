using Azure;
using Azure.Data.Tables;
using Kixo.Keys;
using Kixo.Persistence;
using Kixo.RateLimiting;
using Microsoft.Extensions.Configuration;

namespace Kixo.Cli.Doctor;

/// <summary>Reads each table and container, and tries whether they may be written to: by deleting what is not there.</summary>
internal sealed class StorageCheck(IConfiguration values)
{
    private const string Nothing = "kixo-doctor";
    private const string TableRole = "'Storage Table Data Contributor'";
    private const string BlobRole = "'Storage Blob Data Owner'";
    private const string HowToMake = "Deploy infra/main.bicep, or start the local run, which make it.";

    /// <summary>Null where both services are set, however well.</summary>
    public static Finding? Unset(IConfiguration values)
    {
        try
        {
            _ = AzureClients.Tables(values);
            _ = AzureClients.Blobs(values);
            return null;
        }
        catch (InvalidOperationException e)
        {
            return Finding.Problem("storage", e.Message, "See 'Settings' in README.md.");
        }
    }

    public async Task<Finding> TableAsync(string name, CancellationToken cancellationToken)
    {
        var check = $"table {name}";
        try
        {
            var table = AzureClients.Tables(values).GetTableClient(name);
            await foreach (var _ in table.QueryAsync<TableEntity>(maxPerPage: 1, cancellationToken: cancellationToken))
            {
                break;
            }

            return await WriteAsync(
                check, () => table.DeleteEntityAsync(Nothing, Nothing, cancellationToken: cancellationToken), "tableServiceUri", TableRole);
        }
        catch (Exception e)
        {
            return Diagnosis.Of(e, check, TableService, HowToMake, TableRole);
        }
    }

    public async Task<Finding> ContainerAsync(string name, CancellationToken cancellationToken)
    {
        var check = $"container {name}";
        try
        {
            var container = AzureClients.Blobs(values).GetBlobContainerClient(name);
            await container.GetPropertiesAsync(cancellationToken: cancellationToken);
            return await WriteAsync(
                check, () => container.GetBlobClient(Nothing).DeleteIfExistsAsync(cancellationToken: cancellationToken), "blobServiceUri", BlobRole);
        }
        catch (Exception e)
        {
            return Diagnosis.Of(e, check, BlobService, HowToMake, BlobRole);
        }
    }

    /// <summary>That a person who looks on may not write says nothing of the app.</summary>
    internal async Task<Finding> WriteAsync(string check, Func<Task> write, string address, string role)
    {
        try
        {
            await write();
            return Finding.Ok(check, "It can be read and written to.");
        }
        catch (RequestFailedException e) when (e.Status == 403 && IdentityCheck.IsNeeded(values, "Storage", address))
        {
            return Finding.Warning(
                check, "It can be read, but this identity may not write to it.", $"If it is the app's, grant it {role}; to look at things, a person needs no more.");
        }
    }

    /// <summary>Without a project and a key of it, everything is refused.</summary>
    public async Task<Finding> KeysAsync(CancellationToken cancellationToken)
    {
        const string Check = "projects and keys";
        try
        {
            var tables = AzureClients.Tables(values);
            var projects = await CountAsync<ProjectEntity>(tables.GetTableClient(ProjectEntity.Table), project => project.Enabled, cancellationToken);
            var keys = await CountAsync<ApiKeyEntity>(tables.GetTableClient(ApiKeyEntity.Table), key => key.Enabled, cancellationToken);
            return projects == 0 || keys == 0
                ? Finding.Warning(Check, $"{projects} projects and {keys} keys are enabled: every batch is refused.", "kixo projects create, then kixo keys create --project <id>")
                : Finding.Ok(Check, $"{projects} projects and {keys} keys are enabled.");
        }
        catch (Exception e)
        {
            return Diagnosis.Of(e, Check, TableService, HowToMake, TableRole);
        }
    }

    /// <summary>Compares this machine's clock with that of the storage, whose answers say their time, to a second.</summary>
    public async Task<Finding> ClockAsync(TimeProvider time, CancellationToken cancellationToken)
    {
        const string Check = "clock";
        var tolerance = TimeSpan.FromSeconds(5);
        try
        {
            var before = time.GetUtcNow();
            var answer = await AzureClients.Blobs(values).GetBlobContainerClient(LakePath.Container).GetPropertiesAsync(cancellationToken: cancellationToken);
            var skew = before + ((time.GetUtcNow() - before) / 2) - (answer.GetRawResponse().Headers.Date ?? before);
            return skew.Duration() < tolerance
                ? Finding.Ok(Check, "It agrees with the storage's.")
                : Finding.Problem(
                    Check, $"It is {skew.Duration().TotalSeconds:0} s {(skew > TimeSpan.Zero ? "ahead of" : "behind")} the storage's.",
                    "Let NTP set it: limits count UTC seconds, events get their time of receipt from it, and storage refuses requests that are 15 minutes off.");
        }
        catch (Exception e)
        {
            return Finding.Warning(Check, $"It could not be compared: {Diagnosis.Line(e)}", "See to the containers first.");
        }
    }

    public static IReadOnlyList<string> Tables { get; } = [ProjectEntity.Table, ApiKeyEntity.Table, CounterEntity.Table];

    public static IReadOnlyList<string> Containers { get; } = [LakePath.Container, DeadLetters.Container];

    private string TableService => values["Storage:tableServiceUri"] is { Length: > 0 } address ? address : "the table storage of setting 'Storage'";

    private string BlobService => values["Storage:blobServiceUri"] is { Length: > 0 } address ? address : "the blob storage of setting 'Storage'";

    private static async Task<int> CountAsync<T>(TableClient table, Func<T, bool> counts, CancellationToken cancellationToken)
        where T : class, ITableEntity
    {
        var count = 0;
        await foreach (var row in table.QueryAsync<T>(cancellationToken: cancellationToken))
        {
            count += counts(row) ? 1 : 0;
        }

        return count;
    }
}
