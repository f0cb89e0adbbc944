using Kixo.Cli;

namespace Kixo.Tests.Cli;

public sealed class LocalRunTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("kixo-").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public void What_is_saved_is_found_until_it_is_removed()
    {
        var run = new LocalRun("http://localhost:7071", "UseDevelopmentStorage=true", "Endpoint=sb://localhost");

        run.Save(_folder);
        Assert.Equal(run, LocalRun.Find(_folder));

        LocalRun.Remove(_folder);
        Assert.Null(LocalRun.Find(_folder));
    }

    [Fact]
    public void Find_NoFolderOrHalfAFile_IsNone()
    {
        File.WriteAllText(Path.Combine(_folder, "local.json"), "{\"url\":");

        Assert.Null(LocalRun.Find(_folder));
        Assert.Null(LocalRun.Find(Path.Combine(_folder, "missing")));
    }
}
