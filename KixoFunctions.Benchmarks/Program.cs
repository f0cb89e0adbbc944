using System.Globalization;
using BenchmarkDotNet.Columns;
using BenchmarkDotNet.Configs;
using BenchmarkDotNet.Diagnosers;
using BenchmarkDotNet.Jobs;
using BenchmarkDotNet.Running;
using BenchmarkDotNet.Toolchains.InProcess.NoEmit;
using Perfolizer.Horology;
using Kixo.Benchmarks;
using Kixo.Benchmarks.Batches;
using Kixo.Benchmarks.Http;
using Kixo.Benchmarks.Naive;
using Kixo.Cli;

switch (args)
{
    case ["sizes"]:
        Sizes.Print(Console.Out);
        return 0;
    case ["http"]:
        await HttpComparison.PrintAsync(Console.Out);
        return 0;
    case ["naive", "--port", var port, "--data", var folder]:
        await NaiveHost.RunAsync(
            int.Parse(port, CultureInfo.InvariantCulture),
            LocalRun.Find(folder) ?? throw new ArgumentException($"No local run of {folder} is running. Start it with: dotnet run --project local/Kixo.Local -- --no-app --data {folder}"));
        return 0;
}

// In this process: BenchmarkDotNet's own projects would be restored and built outside of this repository's package versions and
// stand-ins. Nothing here changes the process's state, so they would measure the same.
var test = args.Contains("--test");
var job = (test ? Job.Dry : Job.Default.WithWarmupCount(5).WithIterationCount(12).WithIterationTime(TimeInterval.FromMilliseconds(250)))
    .WithToolchain(InProcessNoEmitToolchain.Instance);
var config = DefaultConfig.Instance
    .AddJob(job)
    .AddDiagnoser(MemoryDiagnoser.Default)
    .AddColumn(StatisticColumn.OperationsPerSecond)
    .WithOptions(test ? ConfigOptions.DisableOptimizationsValidator | ConfigOptions.JoinSummary : ConfigOptions.Default)
    .WithArtifactsPath(Path.Combine(AppContext.BaseDirectory, "results"));
var summaries = BenchmarkSwitcher.FromAssembly(typeof(BatchBenchmarks).Assembly)
    .Run(test ? ["--filter", "*"] : args.Length == 0 ? ["--filter", "*"] : args, config)
    .ToList();
return summaries.Count > 0 && summaries.All(summary => !summary.HasCriticalValidationErrors && summary.Reports.All(report => report.Success)) ? 0 : 1;
