using System.Text.Json;

namespace Kixo.Tests.Infra;

/// <summary>
/// What a deployment would create, as the compiler predicts it with no Azure at hand: loops are unrolled and names computed;
/// what only Azure can know stays an expression.
/// </summary>
internal sealed class Deployment
{
    public const string LongestPrefix = "kixo-longes";

    private static readonly Lazy<Task<Deployment>> ByAzd = new(() => PredictAsync("main.bicepparam"));
    private static readonly Lazy<Task<Deployment>> ForDevelopment = new(() => PredictAsync("main.dev.bicepparam"));
    private static readonly Lazy<Task<Deployment>> ForProduction = new(() => PredictAsync("main.prod.bicepparam"));
    private static readonly Lazy<Task<Deployment>> WithChanges = new(() => PredictAsync(
        "changed.bicepparam",
        "using 'main.bicep'",
        $"param namePrefix = '{LongestPrefix}'",
        "param privateNetwork = true",
        "param throughputUnits = 20",
        "param maximumThroughputUnits = 10",
        "param keepEventsDays = 90",
        "param allowedOrigins = 'https://a.example'",
        "param expectedInstances = 7"));

    private Deployment(JsonElement snapshot)
    {
        Resources = [.. snapshot.GetProperty("predictedResources").EnumerateArray()];
        Outputs = snapshot.GetProperty("outputs");
    }

    public IReadOnlyList<JsonElement> Resources { get; }

    public JsonElement Outputs { get; }

    public static Task<Deployment> Azd => ByAzd.Value;

    public static Task<Deployment> Dev => ForDevelopment.Value;

    public static Task<Deployment> Prod => ForProduction.Value;

    /// <summary>One that the parameter files do not have: in a network of its own, and with values other than the defaults.</summary>
    public static Task<Deployment> Changed => WithChanges.Value;

    public static async Task<IReadOnlyList<Deployment>> AllAsync() => await Task.WhenAll(Azd, Dev, Prod, Changed);

    public IEnumerable<JsonElement> All(string type) => Resources.Where(r => r.GetProperty("type").GetString() == type);

    public JsonElement The(string type) => Assert.Single(All(type));

    /// <summary>The last part of the name of every resource of a type.</summary>
    public IEnumerable<string> Names(string type) => All(type).Select(r => r.GetProperty("name").GetString()!.Split('/')[^1]);

    private static async Task<Deployment> PredictAsync(string parameterFile, params string[] lines)
    {
        using var infra = new InfraCopy();
        if (lines.Length > 0)
        {
            await File.WriteAllLinesAsync(infra.Sub(parameterFile), lines);
        }

        await infra.RunAsync(
            "snapshot", parameterFile, "--mode", "overwrite",
            "--subscription-id", Guid.Empty.ToString(), "--resource-group", "kixo", "--location", "westeurope");

        using var snapshot = JsonDocument.Parse(await File.ReadAllTextAsync(infra.Sub(Path.ChangeExtension(parameterFile, ".snapshot.json"))));
        Assert.Empty(snapshot.RootElement.GetProperty("diagnostics").EnumerateArray());
        return new Deployment(snapshot.RootElement.Clone());
    }
}
