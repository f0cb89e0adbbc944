namespace Kixo.Tests.Support;

/// <summary>A temporary folder that is gone after the test. What ran in it must have logged no key and nothing of the events.</summary>
internal sealed class TestFolder : IDisposable
{
    public string Path { get; } = Directory.CreateTempSubdirectory("kixo-test-").FullName;

    public string Sub(string name) => System.IO.Path.Combine(Path, name);

    public void Dispose()
    {
        try
        {
            var leaks = LogScan.Leaks(Path);
            if (leaks.Count > 0)
            {
                // Of what fails behind a class's last test, the runner prints the exception's name only.
                File.AppendAllLines(Repository.PathOf("artifacts", "leaks.txt"), leaks);
                throw new SecretInLogException(leaks);
            }
        }
        finally
        {
            Directory.Delete(Path, recursive: true);
        }
    }

    private sealed class SecretInLogException(IReadOnlyList<string> leaks) : Exception(string.Join(Environment.NewLine, leaks));
}
