using System.Text.Json;
using System.Text.RegularExpressions;

namespace Kixo.Tests.Infra;

/// <summary>The Bicep files as files: they compile, and the compiler has nothing to say about them.</summary>
public sealed partial class TemplateTests
{
    private static readonly Lazy<Task<string>> Template = new(async () =>
    {
        using var infra = new InfraCopy();
        return await infra.RunAsync("build", "--stdout", "main.bicep");
    });

    [BicepFact]
    public async Task Files_BuildAndLint_WithoutAWarning()
    {
        using var infra = new InfraCopy();

        await infra.RunAsync("build", "--pattern", "*.bicep");
        await infra.RunAsync("lint", "--pattern", "*.bicep");
        await infra.RunAsync("build-params", "--pattern", "*.bicepparam");
        await infra.RunAsync("lint", "--pattern", "*.bicepparam");

        Assert.All(Files(), file => Assert.True(File.Exists(infra.Sub(Path.ChangeExtension(file, ".json"))), file));
    }

    [BicepFact]
    public async Task Files_AreFormatted_AsTheCompilerFormatsThem()
    {
        using var infra = new InfraCopy();

        await infra.RunAsync("format", "--pattern", "*.bicep");
        await infra.RunAsync("format", "--pattern", "*.bicepparam");

        Assert.All(Files(), file => Assert.Equal(
            File.ReadAllText(infra.Sub(file)), File.ReadAllText(Path.Combine(BicepCompiler.InfraFolder, file)), ignoreLineEndingDifferences: true));
    }

    [BicepFact]
    public async Task Template_ReadsNoKey_AndTakesAndGivesNoSecret()
    {
        var template = await Template.Value;

        Assert.DoesNotMatch(KeyReadingFunction(), template);
        Assert.DoesNotContain("secureString", template, StringComparison.OrdinalIgnoreCase);
        Assert.DoesNotContain("secureObject", template, StringComparison.OrdinalIgnoreCase);
    }

    [BicepFact]
    public async Task NumberParameters_AllHaveBoundsOrAllowedValues()
    {
        var template = JsonDocument.Parse(await Template.Value).RootElement;

        var numbers = template.GetProperty("parameters").EnumerateObject()
            .Where(p => p.Value.TryGetProperty("type", out var type) && type.GetString() == "int").ToList();

        Assert.NotEmpty(numbers);
        Assert.All(numbers, p => Assert.True(
            p.Value.TryGetProperty("allowedValues", out _) || (p.Value.TryGetProperty("minValue", out _) && p.Value.TryGetProperty("maxValue", out _)),
            p.Name));
    }

    [BicepFact]
    public async Task LongestPrefix_MakesNamesThatAzureTakes()
    {
        var longest = JsonDocument.Parse(await Template.Value).RootElement.GetProperty("parameters").GetProperty("namePrefix").GetProperty("maxLength").GetInt32();
        var deployment = await Deployment.Changed;

        Assert.Equal(longest, Deployment.LongestPrefix.Length);
        Assert.Matches("^[a-z0-9]{3,24}$", deployment.The("Microsoft.Storage/storageAccounts").GetProperty("name").GetString());
        Assert.Matches("^[a-z][a-z0-9-]{4,48}[a-z0-9]$", deployment.The("Microsoft.EventHub/namespaces").GetProperty("name").GetString());
        Assert.Matches("^[a-z0-9][a-z0-9-]{0,58}[a-z0-9]$", deployment.The("Microsoft.Web/sites").GetProperty("name").GetString());
    }

    // listKeys, listAccountSas, listSecrets: whatever hands out a key starts with "list"
    [GeneratedRegex(@"\blist[A-Z]\w*\(")]
    private static partial Regex KeyReadingFunction();

    private static IEnumerable<string> Files() => Directory.EnumerateFiles(BicepCompiler.InfraFolder)
        .Select(file => Path.GetFileName(file)).Where(file => Path.GetExtension(file) is ".bicep" or ".bicepparam");
}
