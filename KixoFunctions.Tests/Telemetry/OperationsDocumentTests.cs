using System.Diagnostics.Metrics;

namespace Kixo.Tests.Telemetry;

public sealed class OperationsDocumentTests
{
    [Fact]
    public void Every_metric_is_documented_with_its_kind_and_unit_and_no_other() => Assert.Equal(
        Instruments.All.Select(i => (i.Name, KindOf(i), i.Unit)).OrderBy(i => i.Name, StringComparer.Ordinal),
        OperationsDocument.Metrics.Select(m => (m.Key, m.Value.Kind, (string?)m.Value.Unit)).OrderBy(m => m.Key, StringComparer.Ordinal));

    private static string KindOf(Instrument instrument) => instrument.GetType().GetGenericTypeDefinition() == typeof(Histogram<>) ? "histogram" : "counter";
}
