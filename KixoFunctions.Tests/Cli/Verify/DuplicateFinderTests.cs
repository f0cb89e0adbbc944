using System.Text;
using CsCheck;
using Kixo.Cli.Verify;
using Kixo.Tests.Support;

namespace Kixo.Tests.Cli.Verify;

public sealed class DuplicateFinderTests
{
    [Fact]
    public void Each_repetition_is_found_with_its_places_and_nothing_else_however_small_the_files() =>
        Gen.Select(Gen.Int[0, 2], Gen.Int[0, 300]).Array[0, 300].Sample(ids =>
        {
            using var folder = new TestFolder();
            using var finder = new DuplicateFinder(folder.Path, maxFileBytes: 60); // three ids or so: most files are divided
            for (var i = 0; i < ids.Length; i++)
            {
                finder.Add(ids[i].Item1, Bytes(ids[i].Item2), new LinePlace(i / 100, i));
            }

            var found = finder.Find().ToList();

            Assert.Equal(ids.Length - ids.Distinct().Count(), found.Count);
            Assert.All(found, id =>
            {
                Assert.NotEqual(id.First, id.Again);
                Assert.Equal((id.Scope, id.EventId), (ids[id.First.Line].Item1, $"{ids[id.First.Line].Item2}"));
                Assert.Equal((id.Scope, id.EventId), (ids[id.Again.Line].Item1, $"{ids[id.Again.Line].Item2}"));
            });
            Assert.Equal(found.Count, found.Select(id => id.Again).Distinct().Count());
        }, iter: 10, threads: 1);

    [Fact]
    public void Any_number_of_the_same_id_is_found()
    {
        using var folder = new TestFolder();
        using var finder = new DuplicateFinder(folder.Path, maxFileBytes: 100);
        Parallel.For(0, 1_000, i => finder.Add(0, Bytes(7), new LinePlace(0, i)));

        Assert.Equal(999, finder.Find().Count());
        Assert.Empty(Directory.EnumerateFiles(folder.Path));
    }

    private static byte[] Bytes(int id) => Encoding.ASCII.GetBytes($"{id}");
}
