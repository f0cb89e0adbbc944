using System.Diagnostics.Metrics;
using Kixo.Telemetry;
using Microsoft.Extensions.DependencyInjection;

namespace Kixo.Tests.Telemetry;

/// <summary>The instruments of the app's meter.</summary>
internal static class Instruments
{
    public static readonly IReadOnlyList<Instrument> All = Find();

    private static List<Instrument> Find()
    {
        using var services = new ServiceCollection().AddMetrics().AddSingleton<KixoMetrics>().BuildServiceProvider();
        var factory = services.GetRequiredService<IMeterFactory>();
        var found = new List<Instrument>();
        using var listener = new MeterListener
        {
            InstrumentPublished = (instrument, _) =>
            {
                // Others, of tests that run beside this one, have factories of their own.
                if (instrument.Meter.Name == KixoMetrics.MeterName && instrument.Meter.Scope == factory)
                {
                    found.Add(instrument);
                }
            },
        };
        listener.Start();
        services.GetRequiredService<KixoMetrics>();
        return found;
    }
}
