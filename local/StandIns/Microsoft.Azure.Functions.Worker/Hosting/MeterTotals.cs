using System.Collections.Concurrent;
using System.Diagnostics.Metrics;
using System.Globalization;
using System.Runtime.CompilerServices;

namespace Microsoft.Azure.Functions.Worker.Hosting;

/// <summary>
/// Running totals of the app's counters, one for each instrument and set of tags: <c>kixo.requests{outcome=ok}</c>.
/// Recording a known one allocates nothing: it happens several times a request.
/// </summary>
internal sealed class MeterTotals : IDisposable
{
    private const string MeterPrefix = "Kixo";

    private static readonly Type[] Counters = [typeof(Counter<>), typeof(UpDownCounter<>), typeof(ObservableCounter<>), typeof(ObservableUpDownCounter<>)];

    private readonly ConcurrentDictionary<string, StrongBox<double>> _totals = new(StringComparer.Ordinal);
    private readonly MeterListener _listener = new();

    public MeterTotals()
    {
        _listener.InstrumentPublished = (instrument, listener) =>
        {
            if (instrument.Meter.Name.StartsWith(MeterPrefix, StringComparison.Ordinal)
                && Counters.Contains(instrument.GetType().GetGenericTypeDefinition()))
            {
                listener.EnableMeasurementEvents(instrument);
            }
        };
        _listener.SetMeasurementEventCallback<int>((instrument, value, tags, _) => Record(instrument, value, tags));
        _listener.SetMeasurementEventCallback<long>((instrument, value, tags, _) => Record(instrument, value, tags));
        _listener.SetMeasurementEventCallback<double>((instrument, value, tags, _) => Record(instrument, value, tags));
        _listener.Start();
    }

    public SortedDictionary<string, double> Read()
    {
        _listener.RecordObservableInstruments();
        var totals = new SortedDictionary<string, double>(StringComparer.Ordinal);
        foreach (var (name, total) in _totals)
        {
            totals[name] = Volatile.Read(ref total.Value);
        }

        return totals;
    }

    public void Dispose() => _listener.Dispose();

    private void Record(Instrument instrument, double value, ReadOnlySpan<KeyValuePair<string, object?>> tags)
    {
        var total = Find(instrument.Name, tags);
        if (instrument.IsObservable)
        {
            Volatile.Write(ref total.Value, value);
            return;
        }

        double before;
        do
        {
            before = Volatile.Read(ref total.Value);
        }
        while (Interlocked.CompareExchange(ref total.Value, before + value, before) != before);
    }

    private StrongBox<double> Find(string instrument, ReadOnlySpan<KeyValuePair<string, object?>> tags)
    {
        var name = new DefaultInterpolatedStringHandler(0, 0, CultureInfo.InvariantCulture, stackalloc char[256]);
        name.AppendLiteral(instrument);
        AppendTags(ref name, tags);
        var known = _totals.GetAlternateLookup<ReadOnlySpan<char>>();
        var total = known.TryGetValue(name.Text, out var found) ? found : _totals.GetOrAdd(name.Text.ToString(), _ => new());
        name.Clear();
        return total;
    }

    /// <summary>Each time the least key that is greater than the last: a handful of tags needs no sorted copy.</summary>
    private static void AppendTags(ref DefaultInterpolatedStringHandler name, ReadOnlySpan<KeyValuePair<string, object?>> tags)
    {
        string? last = null;
        while (true)
        {
            var next = -1;
            for (var i = 0; i < tags.Length; i++)
            {
                if ((last is null || string.CompareOrdinal(tags[i].Key, last) > 0)
                    && (next < 0 || string.CompareOrdinal(tags[i].Key, tags[next].Key) < 0))
                {
                    next = i;
                }
            }

            if (next < 0)
            {
                break;
            }

            name.AppendLiteral(last is null ? "{" : ",");
            last = tags[next].Key;
            name.AppendLiteral(last);
            name.AppendLiteral("=");
            name.AppendFormatted(tags[next].Value);
        }

        name.AppendLiteral(last is null ? "" : "}");
    }
}
