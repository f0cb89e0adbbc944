using System.Text.Json;

namespace Kixo.Tests.Infra;

/// <summary>
/// What a deployment would create, as the compiler predicts it with no Azure at hand: loops are unrolled and names computed;
/// what only Azure can know stays an expression.
/// </summary>
internal sealed class Deployment
{
    private static readonly Lazy<Task<Deployment>> FromParameterFile = new(() => PredictAsync());

    private Deployment(JsonElement snapshot)
    {
        Resources = [.. snapshot.GetProperty("predictedResources").EnumerateArray()];
        Outputs = snapshot.GetProperty("outputs");
    }

    public IReadOnlyList<JsonElement> Resources { get; }

    public JsonElement Outputs { get; }

    /// <summary>The deployment that main.bicepparam describes.</summary>
    public static Task<Deployment> First => FromParameterFile.Value;

    /// <summary>The deployment with the given lines in place of main.bicepparam's.</summary>
    public static async Task<Deployment> PredictAsync(params string[] parameters)
    {
        var folder = Directory.CreateTempSubdirectory("kixo-bicep-"); // the compiler writes its prediction beside the files
        try
        {
            foreach (var file in Directory.EnumerateFiles(BicepCompiler.InfraFolder))
            {
                File.Copy(file, Path.Combine(folder.FullName, Path.GetFileName(file)));
            }

            if (parameters.Length > 0)
            {
                await File.WriteAllLinesAsync(Path.Combine(folder.FullName, "main.bicepparam"), ["using 'main.bicep'", .. parameters]);
            }

            var result = await BicepCompiler.RunAsync(
                folder.FullName,
                "snapshot", "main.bicepparam", "--mode", "overwrite",
                "--subscription-id", Guid.Empty.ToString(), "--resource-group", "kixo", "--location", "westeurope");
            Assert.Equal((0, ""), (result.ExitCode, result.Error));

            using var snapshot = JsonDocument.Parse(await File.ReadAllTextAsync(Path.Combine(folder.FullName, "main.snapshot.json")));
            Assert.Empty(snapshot.RootElement.GetProperty("diagnostics").EnumerateArray());
            return new Deployment(snapshot.RootElement.Clone());
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }

    public IEnumerable<JsonElement> All(string type) => Resources.Where(r => r.GetProperty("type").GetString() == type);

    public JsonElement The(string type) => Assert.Single(All(type));

    /// <summary>The last part of the name of every resource of a type.</summary>
    public IEnumerable<string> Names(string type) => All(type).Select(r => r.GetProperty("name").GetString()!.Split('/')[^1]);
}
