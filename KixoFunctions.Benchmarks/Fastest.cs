using System.Reflection;
using BenchmarkDotNet.Attributes;
using Kixo.Benchmarks.Batches;
using Kixo.Benchmarks.Http;

namespace Kixo.Benchmarks;

/// <summary>
/// Each benchmark's fastest single run of many, for an event: on a machine that others use too, the only figure that says what the
/// code costs. It leaves out most of what collecting garbage takes, in favour of the naive ways.
/// </summary>
internal static class Fastest
{
    private const int Runs = 1_500;

    public static void Print(TextWriter output)
    {
        PrintAll(output, new BatchBenchmarks(), "");
        PrintAll(output, new StageBenchmarks(), "");
        foreach (var projects in new[] { 1, 1_000 })
        {
            foreach (var events in new[] { 10, 100, 1_000 })
            {
                using var ingest = new IngestBenchmarks { Projects = projects, EventsABatch = events };
                ingest.Start();
                PrintAll(output, ingest, $", {projects:N0} projects, batches of {events:N0}");
            }
        }
    }

    private static void PrintAll(TextWriter output, object benchmarks, string parameters)
    {
        foreach (var method in benchmarks.GetType().GetMethods().Where(method => method.GetCustomAttribute<BenchmarkAttribute>() is not null))
        {
            var fastest = Enumerable.Range(0, Runs).Min(_ => Time(benchmarks, method)).TotalNanoseconds / Sample.Events;
            output.WriteLine($"{method.Name + parameters,-48}{fastest,10:N1} ns an event{1e9 / fastest,14:N0} events/s");
        }
    }

    private static TimeSpan Time(object benchmarks, MethodInfo method)
    {
        var start = TimeProvider.System.GetTimestamp();
        if (method.Invoke(benchmarks, null) is Task task)
        {
            task.GetAwaiter().GetResult();
        }

        return TimeProvider.System.GetElapsedTime(start);
    }
}
