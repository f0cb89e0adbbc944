using System.Text.Json.Nodes;
using Kixo.Cli.Events;

namespace Kixo.Tests.EndToEnd;

/// <summary>A request that was let in: the UTC second in which it was sent, and that of its <c>received_at</c>.</summary>
/// <remarks>
/// Nobody outside a process sees in which second a permit was granted. But it was granted after the client sent the request and
/// before <c>received_at</c> was taken, and both times come from this machine's clock. So a request that was sent in second a or
/// later and received in second b or earlier has taken its permit out of the seconds a to b, and there can be no more such
/// requests than the limit times those seconds. This can be claimed for every a and b, without any tolerance, and nothing
/// stronger: when it holds for all intervals, there is a way to give each request a second between its two times such that no
/// second grants more than the limit (Hall's theorem, for intervals).
/// </remarks>
internal readonly record struct LetIn(long Sent, long Received)
{
    /// <param name="accepted">Requests of one event, by its id, and when they were sent.</param>
    /// <param name="stored">The lines of these events, and of others.</param>
    public static IReadOnlyList<LetIn> Of(IEnumerable<(string Id, DateTimeOffset Sent)> accepted, IEnumerable<string> stored)
    {
        var received = stored.ToDictionary(line => (string)JsonNode.Parse(line)!["event_id"]!, line => LakeLine.Parse(line).ReceivedAt);
        return [.. accepted.Select(request => new LetIn(SecondOf(request.Sent), SecondOf(received[request.Id])))];
    }

    /// <summary>Intervals of seconds in which more requests were sent and received than the limit allows.</summary>
    public static IEnumerable<(long First, long Last, int LetIn)> IntervalsAbove(int limit, IReadOnlyList<LetIn> all)
    {
        var (start, end) = (all.Min(request => request.Sent), all.Max(request => request.Received));
        for (var first = start; first <= end; first++)
        {
            for (var last = first; last <= end; last++)
            {
                var within = all.Count(request => request.Sent >= first && request.Received <= last);
                if (within > limit * (last - first + 1))
                {
                    yield return (first, last, within);
                }
            }
        }
    }

    private static long SecondOf(DateTimeOffset time) => time.ToUnixTimeSeconds();
}
