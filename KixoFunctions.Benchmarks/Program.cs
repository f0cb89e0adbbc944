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
using Kixo.Benchmarks.Cost;
using Kixo.Benchmarks.Http;
using Kixo.Benchmarks.Naive;
using Kixo.Cli;

switch (args)
{
    case ["fastest"]:
        Fastest.Print(Console.Out);
        return 0;
    case ["sizes"]:
        Sizes.Print(Console.Out);
        return 0;
    case ["cost"]:
        CostTable.Print(Console.Out);
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
