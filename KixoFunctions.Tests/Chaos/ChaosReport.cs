using System.Globalization;
using System.Text;
using Kixo.Tests.Support;
using Xunit.Abstractions;

namespace Kixo.Tests.Chaos;

/// <summary>Figures of a run: in the test's output, and in <c>artifacts/chaos.txt</c> for CI's log.</summary>
internal static class ChaosReport
{
    private static string Folder { get; } = Repository.PathOf("artifacts");

    public static void Write(ITestOutputHelper output, string title, IEnumerable<(string Name, object Value)> figures)
    {
        var report = new StringBuilder().AppendLine(title);
        foreach (var (name, value) in figures)
        {
            report.AppendLine(CultureInfo.InvariantCulture, $"  {name}: {(value is IFormattable number ? number.ToString("N0", CultureInfo.InvariantCulture) : value)}");
        }

        output.WriteLine(report.ToString());
        Directory.CreateDirectory(Folder);
        File.AppendAllText(Path.Combine(Folder, "chaos.txt"), report.ToString());
    }

    /// <summary>Keeps the logs of a run that failed, in <c>artifacts/chaos-logs</c>.</summary>
    public static void Keep(IEnumerable<string> logs)
    {
        var folder = Directory.CreateDirectory(Path.Combine(Folder, "chaos-logs"));
        foreach (var log in logs)
        {
            File.Copy(log, Path.Combine(folder.FullName, Path.GetFileName(log)), overwrite: true);
        }
    }
}
