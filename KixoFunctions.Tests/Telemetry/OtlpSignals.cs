namespace Kixo.Tests.Telemetry;

/// <summary>One time series of a metric.</summary>
/// <param name="Tags">By name.</param>
/// <param name="Count">Of a histogram: measurements. Of a counter: 1.</param>
/// <param name="Sum">Of the measurements.</param>
internal sealed record OtlpPoint(IReadOnlyDictionary<string, string> Tags, long Count, double Sum);

/// <summary>A metric as ExportMetricsServiceRequest has it (opentelemetry-proto, metrics.proto).</summary>
internal sealed record OtlpMetric(string Meter, string Name, string Unit, string Kind, IReadOnlyList<OtlpPoint> Points)
{
    private const int Sum = 7;
    private const int Histogram = 9;

    public static IEnumerable<OtlpMetric> Read(byte[] request) =>
        from resource in new ProtoMessage(request).Messages(1)
        from scope in resource.Messages(2)
        from metric in scope.Messages(2)
        select new OtlpMetric(
            scope.Messages(1).Single().Text(1), metric.Text(1), metric.Text(3),
            metric.Has(Histogram) ? "histogram" : metric.Has(Sum) ? "counter" : "gauge",
            [.. metric.Messages(Sum).SelectMany(sum => sum.Messages(1)).Select(NumberPoint), .. metric.Messages(Histogram).SelectMany(h => h.Messages(1)).Select(HistogramPoint)]);

    // as_double 4, as_int 6, attributes 7
    private static OtlpPoint NumberPoint(ProtoMessage point) => new(Attributes(point, 7), 1, point.Has(6) ? point.Fixed64(6) : point.Double(4));

    // count 4, sum 5, attributes 9
    private static OtlpPoint HistogramPoint(ProtoMessage point) => new(Attributes(point, 9), point.Fixed64(4), point.Double(5));

    private static Dictionary<string, string> Attributes(ProtoMessage point, int field) =>
        point.Messages(field).ToDictionary(attribute => attribute.Text(1), attribute => attribute.Messages(2).Single().Text(1));
}

/// <summary>A span as ExportTraceServiceRequest has it (opentelemetry-proto, trace.proto), with the spans that it is linked to.</summary>
internal sealed record OtlpSpan(string TraceId, string SpanId, string ParentId, string Name, IReadOnlyList<string> Links)
{
    public static IEnumerable<OtlpSpan> Read(byte[] request) =>
        from resource in new ProtoMessage(request).Messages(1)
        from scope in resource.Messages(2)
        where scope.Messages(1).Single().Text(1) == "Kixo"
        from span in scope.Messages(2)
        select new OtlpSpan(Id(span, 1), Id(span, 2), Id(span, 4), span.Text(5), [.. span.Messages(13).Select(link => Id(link, 2))]);

    private static string Id(ProtoMessage message, int field) => Convert.ToHexStringLower(message.Bytes(field));
}
