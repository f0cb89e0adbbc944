using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using Kixo.Tests.Contract;
using Kixo.Tests.Support;

namespace Kixo.Tests.Infra;

/// <summary>What .github/workflows promise: nothing that others can change under them, no secret, and no more rights than needed.</summary>
public sealed partial class WorkflowTests
{
    public static TheoryData<string> Files { get; } = [.. Directory.EnumerateFiles(Folder, "*.yml").Select(file => Path.GetFileName(file))];

    private static string Folder => Repository.PathOf(".github", "workflows");

    [Theory]
    [MemberData(nameof(Files))]
    public void Actions_are_pinned_to_commits_with_their_version_beside(string file)
    {
        var uses = Lines(file).Where(line => line.Contains("uses:", StringComparison.Ordinal)).ToList();

        Assert.NotEmpty(uses);
        Assert.All(uses, line => Assert.Matches(PinnedAction(), line));
        Assert.Equal(uses.Count, Jobs(file).SelectMany(job => job["steps"]!.AsArray()).Count(step => step!["uses"] is not null));
    }

    [Theory]
    [MemberData(nameof(Files))]
    public void Permissions_are_said_and_none_writes_but_the_identity_token_of_a_deployment(string file)
    {
        var all = Jobs(file).Append(Workflow(file)).Select(scope => scope["permissions"]).OfType<JsonObject>().SelectMany(p => p).ToList();

        Assert.NotNull(Workflow(file)["permissions"]);
        Assert.All(all, permission => Assert.True((string?)permission.Value == "read" || permission.Key == "id-token", permission.Key));
        Assert.Equal(file == "deploy.yml", all.Any(permission => permission.Key == "id-token"));
    }

    [Theory]
    [MemberData(nameof(Files))]
    public void There_is_no_secret_and_no_expression_in_a_script(string file)
    {
        Assert.DoesNotContain(Lines(file), line => line.Contains("secrets.", StringComparison.Ordinal));
        Assert.DoesNotContain(
            Jobs(file).SelectMany(job => job["steps"]!.AsArray()),
            step => step!["run"] is { } script && ((string)script!).Contains("${{", StringComparison.Ordinal));
    }

    [Theory]
    [MemberData(nameof(Files))]
    public void Everything_is_built_on_the_official_packages(string file) =>
        Assert.All(Jobs(file), job => Assert.Equal("false", (string?)(job["env"] ?? Workflow(file)["env"])!["StandIns"]));

    private static string[] Lines(string file) => File.ReadAllLines(Path.Combine(Folder, file));

    private static JsonNode Workflow(string file) => Yaml.ToJson(string.Join('\n', Lines(file)))!;

    private static IEnumerable<JsonNode> Jobs(string file) => Workflow(file)["jobs"]!.AsObject().Select(job => job.Value!);

    [GeneratedRegex(@"^\s*- uses: [A-Za-z-]+/[A-Za-z-]+@[0-9a-f]{40} # v\d+\.\d+\.\d+$")]
    private static partial Regex PinnedAction();
}
