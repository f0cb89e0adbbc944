using System.Diagnostics.Metrics;
using Microsoft.Azure.Functions.Worker.Hosting;

namespace Kixo.Tests.StandIns.Functions;

[Collection(nameof(MeterTotals))] // which listens to every meter of the process
public sealed class MeterTotalsTests : IDisposable
{
    private readonly MeterTotals _totals = new();
    private readonly Meter _meter = new("Kixo.MeterTotalsTests");

    [Fact]
    public void Each_set_of_tags_has_a_total_whatever_their_order()
    {
        var counter = _meter.CreateCounter<long>("kixo.order");
        counter.Add(1, new("b", "x"), new("a", 2), new("c", true));
        counter.Add(4, new("c", true), new("a", 2), new("b", "x"));
        counter.Add(8);

        Assert.Equal(5, _totals.Read()["kixo.order{a=2,b=x,c=True}"]);
        Assert.Equal(8, _totals.Read()["kixo.order"]);
    }

    [Fact]
    public void An_observable_counter_tells_its_total_itself()
    {
        var total = 0;
        _meter.CreateObservableCounter("kixo.observed", () => total += 10);

        Assert.Equal(10, _totals.Read()["kixo.observed"]);
        Assert.Equal(20, _totals.Read()["kixo.observed"]);
    }

    [Fact]
    public void Other_meters_and_instruments_are_left_out()
    {
        using var other = new Meter("Other");
        other.CreateCounter<int>("kixo.other").Add(1);
        _meter.CreateHistogram<double>("kixo.histogram").Record(1);

        Assert.DoesNotContain("kixo.other", _totals.Read().Keys);
        Assert.DoesNotContain("kixo.histogram", _totals.Read().Keys);
    }

    [Fact]
    public void Counting_again_allocates_nothing()
    {
        var counter = _meter.CreateCounter<long>("kixo.allocation");
        object outcome = "accepted";
        counter.Add(1, new KeyValuePair<string, object?>("outcome", outcome));

        var before = GC.GetAllocatedBytesForCurrentThread();
        for (var i = 0; i < 100; i++)
        {
            counter.Add(1, new KeyValuePair<string, object?>("outcome", outcome));
        }

        Assert.Equal(0, GC.GetAllocatedBytesForCurrentThread() - before);
    }

    public void Dispose()
    {
        _meter.Dispose();
        _totals.Dispose();
    }
}
