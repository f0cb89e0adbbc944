namespace Kixo.Cli.Verify;

/// <summary>Numbers names from 0 on, and keeps them in a file: a lake may have more of them than memory has room for.</summary>
internal sealed class BlobNames(string file) : IDisposable
{
    private readonly BinaryWriter _writer = new(new FileStream(file, FileMode.Create, FileAccess.Write, FileShare.Read));
    private int _count;

    public int Add(string name)
    {
        _writer.Write(name);
        return _count++;
    }

    public Dictionary<int, string> Find(HashSet<int> numbers)
    {
        _writer.Flush();
        using var reader = new BinaryReader(new FileStream(file, FileMode.Open, FileAccess.Read, FileShare.Write));
        var names = new Dictionary<int, string>();
        for (var number = 0; names.Count < numbers.Count; number++)
        {
            var name = reader.ReadString();
            if (numbers.Contains(number))
            {
                names.Add(number, name);
            }
        }

        return names;
    }

    public void Dispose() => _writer.Dispose();
}
