using System.Globalization;

namespace Kixo.Benchmarks.Cost;

/// <summary>The table of docs/performance.md.</summary>
internal static class CostTable
{
    public static void Print(TextWriter output)
    {
        output.WriteLine("| events/s | design | throughput units | messages | table operations | blob writes | GB-s | dollars a month | dollars a million events |");
        output.WriteLine("|---|---|---|---|---|---|---|---|---|");
        foreach (var rate in new[] { 1, 100, 10_000, 100_000 })
        {
            foreach (var design in new[] { Design.Kixo, Design.KixoAtOnce, Design.Naive })
            {
                var month = new Month(design, rate);
                var units = month.ThroughputUnits > Prices.MaxThroughputUnits ? $"{month.ThroughputUnits:N0}, Standard ends at {Prices.MaxThroughputUnits}" : $"{month.ThroughputUnits:N0}";
                output.WriteLine(string.Create(
                    CultureInfo.InvariantCulture,
                    $"| {rate:N0} | {design.Name} | {units} | {Short(month.Messages)} | {Short(month.TableOperations)} | {Short(month.BlobOperations)} | {Short(month.GigabyteSeconds)} | {month.Dollars:N0} | {month.DollarsAMillionEvents:N3} |"));
            }
        }
    }

    private static string Short(double number) => number switch
    {
        >= 1e9 => string.Create(CultureInfo.InvariantCulture, $"{number / 1e9:N1} G"),
        >= 1e6 => string.Create(CultureInfo.InvariantCulture, $"{number / 1e6:N1} M"),
        _ => string.Create(CultureInfo.InvariantCulture, $"{number / 1e3:N0} k"),
    };
}
