using Kixo.Benchmarks.Batches;
using Kixo.Tests.Support;

namespace Kixo.Tests;

public sealed class BenchmarksTests
{
    [Fact]
    public async Task Each_benchmark_runs()
    {
        using var folder = new TestFolder();
        await using var benchmarks = TestProgram.Start(typeof(BatchBenchmarks).Assembly, folder.Path, ["--test"]);

        await benchmarks.EndedAsync(TimeSpan.FromMinutes(10));

        Assert.True(benchmarks.ExitCode == 0, benchmarks.Output);
    }
}
