using Kixo.Tests.Support;

namespace Kixo.Tests.Infra;

/// <summary>A copy of the files in infra/, for the compiler to write beside.</summary>
internal sealed class InfraCopy : IDisposable
{
    private readonly TestFolder _folder = new();

    public InfraCopy()
    {
        foreach (var file in Directory.EnumerateFiles(BicepCompiler.InfraFolder))
        {
            File.Copy(file, Sub(Path.GetFileName(file)));
        }
    }

    public string Sub(string file) => _folder.Sub(file);

    /// <summary>Runs the compiler, which must have nothing to complain about.</summary>
    /// <returns>What it printed.</returns>
    public async Task<string> RunAsync(params string[] arguments)
    {
        var result = await BicepCompiler.RunAsync(_folder.Path, arguments);
        Assert.Equal((0, ""), (result.ExitCode, result.Error));
        return result.Output;
    }

    public void Dispose() => _folder.Dispose();
}
