using System.Text.Json;
using System.Text.RegularExpressions;

namespace Kixo.Tests.Infra;

/// <summary>The Bicep files as files: they compile, and the compiler has nothing to say about them.</summary>
public sealed partial class TemplateTests
{
    [BicepFact]
    public Task Template_Builds_WithoutAWarning() => Quietly("build", "--stdout", "main.bicep");

    [BicepFact]
    public Task Template_Lints_WithoutAWarning() => Quietly("lint", "main.bicep");

    [BicepFact]
    public Task ParameterFile_Builds_WithoutAWarning() => Quietly("build-params", "--stdout", "main.bicepparam");

    [BicepFact]
    public async Task Files_AreFormatted_AsTheCompilerFormatsThem()
    {
        foreach (var file in new[] { "main.bicep", "main.bicepparam" })
        {
            var written = await File.ReadAllTextAsync(Path.Combine(BicepCompiler.InfraFolder, file));
            Assert.Equal(await Quietly("format", "--stdout", file), written, ignoreLineEndingDifferences: true);
        }
    }

    [BicepFact]
    public async Task Template_ReadsNoKey_AndTakesAndGivesNoSecret()
    {
        var template = await Quietly("build", "--stdout", "main.bicep");

        Assert.DoesNotMatch(KeyReadingFunction(), template);
        Assert.DoesNotContain("secureString", template, StringComparison.OrdinalIgnoreCase);
        Assert.DoesNotContain("secureObject", template, StringComparison.OrdinalIgnoreCase);
    }

    [BicepFact]
    public async Task NumberParameters_AllHaveBoundsOrAllowedValues()
    {
        var template = JsonDocument.Parse(await Quietly("build", "--stdout", "main.bicep")).RootElement;

        var numbers = template.GetProperty("parameters").EnumerateObject().Where(p => p.Value.GetProperty("type").GetString() == "int").ToList();

        Assert.NotEmpty(numbers);
        Assert.All(numbers, p => Assert.True(
            p.Value.TryGetProperty("allowedValues", out _) || (p.Value.TryGetProperty("minValue", out _) && p.Value.TryGetProperty("maxValue", out _)),
            p.Name));
    }

    // listKeys, listAccountSas, listSecrets: whatever hands out a key starts with "list"
    [GeneratedRegex(@"\blist[A-Z]\w*\(")]
    private static partial Regex KeyReadingFunction();

    private static async Task<string> Quietly(params string[] arguments)
    {
        var result = await BicepCompiler.RunAsync(BicepCompiler.InfraFolder, arguments);
        Assert.Equal((0, ""), (result.ExitCode, result.Error));
        return result.Output;
    }
}
