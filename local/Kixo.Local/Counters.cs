using System.Globalization;
using System.Text.Json;

namespace Kixo.Local;

/// <summary>What the app has counted since it started.</summary>
internal readonly record struct Counters(long Requests, long Accepted, long Rejected, long Throttled, long Persisted)
{
    /// <param name="json">Counters by name and tags, such as <c>{"kixo.requests{outcome=ok}": 12}</c>.</param>
    public static Counters Parse(string json)
    {
        var counters = JsonSerializer.Deserialize<Dictionary<string, long>>(json) ?? [];
        return new(
            Sum("kixo.requests"), Sum("kixo.events.accepted"), Sum("kixo.events.rejected"),
            Sum("kixo.requests{outcome=rate_limited}"), Sum("kixo.events.persisted"));

        long Sum(string name) => counters
            .Where(counter => counter.Key == name || counter.Key.StartsWith(name + "{", StringComparison.Ordinal)).Sum(counter => counter.Value);
    }

    /// <summary>Those of several instances together.</summary>
    public static Counters operator +(Counters a, Counters b) => new(
        a.Requests + b.Requests, a.Accepted + b.Accepted, a.Rejected + b.Rejected, a.Throttled + b.Throttled, a.Persisted + b.Persisted);

    public override string ToString() => string.Create(
        CultureInfo.InvariantCulture,
        $"requests {Requests:N0} · events accepted {Accepted:N0} · rejected {Rejected:N0} · requests throttled {Throttled:N0} · events persisted {Persisted:N0}");
}
