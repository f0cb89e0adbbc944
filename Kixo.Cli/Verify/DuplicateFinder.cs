using System.IO.Hashing;
using System.Text;

namespace Kixo.Cli.Verify;

/// <summary>Where a line is.</summary>
/// <param name="Blob">The blob's number in the order in which it was added.</param>
/// <param name="Line">From 1.</param>
internal readonly record struct LinePlace(int Blob, int Line);

/// <summary>An id that stands again.</summary>
/// <param name="Scope">As it was added.</param>
/// <param name="First">Any of its places.</param>
/// <param name="Again">Another.</param>
internal readonly record struct RepeatedId(int Scope, string EventId, LinePlace First, LinePlace Again);

/// <summary>
/// Finds the ids that stand more than once, exactly, among any number of them: they are spilled into files by their hash, those
/// that became large into smaller ones by the next bits of it, and then looked at a file at a time. Any thread may add.
/// </summary>
/// <param name="folder">Where the files are, of about 45 bytes an id.</param>
/// <param name="maxFileBytes">Of a file that is looked at as a whole; the ids in memory take about four times that.</param>
internal sealed class DuplicateFinder(string folder, long maxFileBytes = 16 << 20) : IDisposable
{
    private const int HashBytes = 8;

    private readonly SpillFiles _ids = new(folder, "ids");

    /// <param name="scope">Within which ids are to be different.</param>
    /// <param name="eventId">ASCII, up to 255 bytes.</param>
    public void Add(int scope, ReadOnlySpan<byte> eventId, LinePlace place) => _ids.Add(0, scope, eventId, place);

    /// <summary>Each place of an id but one; nothing can be added any more.</summary>
    public IEnumerable<RepeatedId> Find() => Find(_ids, 0);

    public void Dispose() => _ids.Dispose();

    private IEnumerable<RepeatedId> Find(SpillFiles spilled, int depth)
    {
        foreach (var file in spilled.Close())
        {
            // At the last byte of the hash nothing is left to divide by: then most of them are one id.
            if (new FileInfo(file).Length <= maxFileBytes || depth == HashBytes - 1)
            {
                foreach (var repeated in FindIn(file))
                {
                    yield return repeated;
                }
            }
            else
            {
                using var smaller = new SpillFiles(folder, Path.GetFileName(file));
                foreach (var (scope, id, place) in SpillFiles.Read(file))
                {
                    smaller.Add(depth + 1, scope, Encoding.ASCII.GetBytes(id), place);
                }

                foreach (var repeated in Find(smaller, depth + 1))
                {
                    yield return repeated;
                }
            }

            File.Delete(file);
        }
    }

    private static IEnumerable<RepeatedId> FindIn(string file)
    {
        var places = new Dictionary<(int, string), LinePlace>();
        foreach (var (scope, id, place) in SpillFiles.Read(file))
        {
            if (!places.TryAdd((scope, id), place))
            {
                yield return new(scope, id, places[(scope, id)], place);
            }
        }
    }

    /// <summary>256 files, by one byte of the id's hash.</summary>
    private sealed class SpillFiles(string folder, string name) : IDisposable
    {
        private const int BufferBytes = 16 * 1024;

        private readonly Lock _writing = new();
        private readonly BinaryWriter?[] _files = new BinaryWriter?[256];

        public void Add(int hashByte, int scope, ReadOnlySpan<byte> id, LinePlace place)
        {
            var number = (byte)(XxHash3.HashToUInt64(id, scope) >> (8 * hashByte));
            lock (_writing)
            {
                var file = _files[number] ??= new(new FileStream(PathOf(number), FileMode.CreateNew, FileAccess.Write, FileShare.None, BufferBytes));
                file.Write(scope);
                file.Write(place.Blob);
                file.Write(place.Line);
                file.Write((byte)id.Length);
                file.Write(id);
            }
        }

        /// <summary>Ends the writing, and says which files there are.</summary>
        public IEnumerable<string> Close()
        {
            Dispose();
            return Enumerable.Range(0, _files.Length).Select(PathOf).Where(File.Exists);
        }

        public static IEnumerable<(int Scope, string Id, LinePlace Place)> Read(string file)
        {
            var stream = new FileStream(file, FileMode.Open, FileAccess.Read, FileShare.None, BufferBytes);
            using var reader = new BinaryReader(stream);
            while (stream.Position < stream.Length)
            {
                var scope = reader.ReadInt32();
                var place = new LinePlace(reader.ReadInt32(), reader.ReadInt32());
                yield return (scope, Encoding.ASCII.GetString(reader.ReadBytes(reader.ReadByte())), place);
            }
        }

        public void Dispose()
        {
            foreach (var file in _files)
            {
                file?.Dispose();
            }
        }

        private string PathOf(int number) => Path.Combine(folder, $"{name}-{number:x2}");
    }
}
