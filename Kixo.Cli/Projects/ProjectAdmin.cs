using Azure;
using Azure.Data.Tables;
using Kixo.Keys;

namespace Kixo.Cli.Projects;

/// <summary>Creates and changes rows of table <c>Projects</c>.</summary>
internal sealed class ProjectAdmin(TableServiceClient tables, TimeProvider time)
{
    private readonly TableClient _projects = tables.GetTableClient(ProjectEntity.Table);

    /// <exception cref="CliException">The id is not one, or is taken.</exception>
    public async Task<ProjectEntity> CreateAsync(string id, string? name, CancellationToken cancellationToken)
    {
        if (!KeyStore.IsProjectId(id))
        {
            throw new CliException("A project's id is 1 to 128 of A-Z, a-z, 0-9, - and _.");
        }

        await _projects.CreateIfNotExistsAsync(cancellationToken);
        var project = new ProjectEntity { PartitionKey = id, Name = name ?? id, CreatedAt = time.GetUtcNow() };
        try
        {
            await _projects.AddEntityAsync(project, cancellationToken);
        }
        catch (RequestFailedException e) when (e.Status == 409)
        {
            throw new CliException($"Project {id} exists already.");
        }

        return project;
    }

    public async Task<IReadOnlyList<ProjectEntity>> ListAsync(CancellationToken cancellationToken)
    {
        var projects = new List<ProjectEntity>();
        await foreach (var project in _projects.QueryAsync<ProjectEntity>(cancellationToken: cancellationToken))
        {
            projects.Add(project);
        }

        return projects;
    }

    /// <exception cref="CliException">There is no such project.</exception>
    public async Task<ProjectEntity> GetAsync(string id, CancellationToken cancellationToken)
    {
        var found = await _projects.GetEntityIfExistsAsync<ProjectEntity>(id, ProjectEntity.Row, cancellationToken: cancellationToken);
        return found is { HasValue: true, Value: { } project } ? project : throw new CliException($"There is no project {id}.");
    }

    /// <exception cref="CliException">There is no such project.</exception>
    public async Task<ProjectEntity> SetEnabledAsync(string id, bool enabled, CancellationToken cancellationToken)
    {
        var project = await GetAsync(id, cancellationToken);
        project.Enabled = enabled;
        await _projects.UpdateEntityAsync(project, project.ETag, TableUpdateMode.Merge, cancellationToken);
        return project;
    }

    /// <param name="requestsPerSecond">Null for the default.</param>
    /// <exception cref="CliException">There is no such project.</exception>
    public async Task<ProjectEntity> SetLimitAsync(string id, int? requestsPerSecond, CancellationToken cancellationToken)
    {
        var project = await GetAsync(id, cancellationToken);
        project.RequestsPerSecond = requestsPerSecond;

        // Merging would leave the old limit where there shall be none.
        await _projects.UpdateEntityAsync(project, project.ETag, TableUpdateMode.Replace, cancellationToken);
        return project;
    }
}
