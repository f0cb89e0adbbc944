using System.Globalization;
using System.Text.RegularExpressions;
using Amqp;
using Amqp.Framing;
using Amqp.Types;
using Kixo.EventHubsEmulator.Storage;

namespace Kixo.EventHubsEmulator.Links;

/// <summary>The start position that a receiver asks for in its source's filter.</summary>
internal static partial class SelectorFilter
{
    private static readonly Symbol Name = new("apache.org:selector-filter:string");

    /// <summary>The beginning when there is no filter.</summary>
    /// <exception cref="AmqpException">The filter is not one that Event Hubs knows.</exception>
    public static StartPosition StartOf(Source source)
    {
        object? filter = null;
        source.FilterSet?.TryGetValue(Name, out filter);
        return (filter is DescribedValue described ? described.Value : filter) is string text
            ? Parse(text)
            : new(StartAt.Beginning);
    }

    public static StartPosition Parse(string filter)
    {
        var match = Shape().Match(filter);
        var at = match.Groups["what"].Value switch
        {
            "offset" => StartAt.Offset,
            "sequence-number" => StartAt.SequenceNumber,
            "enqueued-time" => StartAt.EnqueuedTime,
            _ => throw Invalid(filter),
        };
        return match.Groups["value"].Value switch
        {
            "@latest" => new(StartAt.End),
            "-1" => new(StartAt.Beginning),
            var text when long.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var value) =>
                new(at, value, Inclusive: match.Groups["equal"].Success),
            _ => throw Invalid(filter),
        };
    }

    [GeneratedRegex("""^\s*amqp\.annotation\.x-opt-(?<what>offset|sequence-number|enqueued-time)\s*>(?<equal>=)?\s*'?(?<value>[^'\s]+)'?\s*$""")]
    private static partial Regex Shape();

    private static AmqpException Invalid(string filter) =>
        new(ErrorCode.InvalidField, $"The filter '{filter}' is not a start position.");
}
