using Kixo.Keys;

namespace Kixo.Cli.Projects;

/// <summary>A project as <c>--output json</c> shows it.</summary>
/// <param name="RequestsPerSecond">Null for what the app's settings say.</param>
internal sealed record ProjectView(string ProjectId, string? Name, bool Enabled, int? RequestsPerSecond, DateTimeOffset CreatedAt)
{
    public static ProjectView Of(ProjectEntity project) =>
        new(project.PartitionKey, project.Name, project.Enabled, project.RequestsPerSecond, project.CreatedAt);
}
