using System.Globalization;
using System.Reflection;
using System.Text;
using Xunit.Abstractions;

namespace Kixo.Tests.Chaos;

/// <summary>Figures of a run: in the test's output, and in <c>artifacts/chaos.txt</c> for CI's log.</summary>
internal static class ChaosReport
{
    private static string File { get; } = Path.Combine(
        typeof(ChaosReport).Assembly.GetCustomAttributes<AssemblyMetadataAttribute>().First(it => it.Key == "RepositoryRoot").Value!, "artifacts", "chaos.txt");

    public static void Write(ITestOutputHelper output, string title, IEnumerable<(string Name, object Value)> figures)
    {
        var report = new StringBuilder().AppendLine(title);
        foreach (var (name, value) in figures)
        {
            report.AppendLine(CultureInfo.InvariantCulture, $"  {name}: {(value is IFormattable number ? number.ToString("N0", CultureInfo.InvariantCulture) : value)}");
        }

        output.WriteLine(report.ToString());
        System.IO.File.AppendAllText(File, report.ToString());
    }
}
