using BenchmarkDotNet.Columns;
using BenchmarkDotNet.Configs;
using BenchmarkDotNet.Diagnosers;
using BenchmarkDotNet.Jobs;
using BenchmarkDotNet.Running;
using BenchmarkDotNet.Toolchains.InProcess.NoEmit;
using Kixo.Benchmarks.Batches;
using Perfolizer.Horology;

namespace Kixo.Benchmarks;

/// <summary>The benchmarks that BenchmarkDotNet runs.</summary>
internal static class Suite
{
    /// <param name="args">BenchmarkDotNet's own, or <c>--test</c> for one run of each.</param>
    /// <returns>The exit code.</returns>
    public static int Run(string[] args)
    {
        var test = args.Contains("--test");

        // In this process: BenchmarkDotNet's own projects would be restored and built outside of this repository's package versions and
        // stand-ins. And many short iterations: where others use the machine too, the fastest of them says what the code costs.
        var job = (test ? Job.Dry : Job.Default.WithWarmupCount(5).WithIterationCount(80).WithIterationTime(TimeInterval.FromMilliseconds(25)))
            .WithToolchain(InProcessNoEmitToolchain.Instance);
        var config = DefaultConfig.Instance
            .AddJob(job)
            .AddDiagnoser(MemoryDiagnoser.Default)
            .AddColumn(StatisticColumn.Min, StatisticColumn.Median, StatisticColumn.OperationsPerSecond)
            .WithOptions(test ? ConfigOptions.DisableOptimizationsValidator | ConfigOptions.JoinSummary : ConfigOptions.Default)
            .WithArtifactsPath(Path.Combine(AppContext.BaseDirectory, "results"));
        var summaries = BenchmarkSwitcher.FromAssembly(typeof(BatchBenchmarks).Assembly)
            .Run(test ? ["--filter", "*"] : args.Length == 0 ? ["--filter", "*"] : args, config)
            .ToList();
        return summaries.Count > 0 && summaries.All(summary => !summary.HasCriticalValidationErrors && summary.Reports.All(report => report.Success)) ? 0 : 1;
    }
}
