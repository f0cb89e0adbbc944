using System.Runtime.Serialization;
using Amqp.Types;

namespace Azure.Messaging.EventHubs.Wire;

/// <summary>Values of properties and annotations between .NET and AMQP. What AMQP lacks travels as Event Hubs clients describe it.</summary>
internal static class PropertyValues
{
    private static readonly Symbol DateTimeOffsetType = new("com.microsoft:datetime-offset");
    private static readonly Symbol TimeSpanType = new("com.microsoft:timespan");
    private static readonly Symbol UriType = new("com.microsoft:uri");

    /// <exception cref="SerializationException">There is no AMQP type for it.</exception>
    public static object? ToAmqp(object? value, string name) => value switch
    {
        null or string or bool or byte or sbyte or short or ushort or int or uint or long or ulong
            or float or double or char or Guid or DateTime or byte[] => value,
        DateTimeOffset time => new DescribedValue(DateTimeOffsetType, time.UtcTicks),
        TimeSpan span => new DescribedValue(TimeSpanType, span.Ticks),
        Uri uri => new DescribedValue(UriType, uri.AbsoluteUri),
        ReadOnlyMemory<byte> bytes => bytes.ToArray(),
        ArraySegment<byte> bytes => bytes.ToArray(),
        _ => throw new SerializationException($"The value of '{name}' is a {value.GetType()}, which an event cannot carry as a property."),
    };

    public static object? FromAmqp(object? value) => value switch
    {
        Symbol symbol => symbol.ToString(),
        DescribedValue { Descriptor: Symbol type } described => FromDescribed(type, described.Value),
        Map map => map.ToDictionary(pair => pair.Key.ToString()!, pair => FromAmqp(pair.Value)),
        _ => value,
    };

    private static object? FromDescribed(Symbol type, object? value) => value switch
    {
        long ticks when DateTimeOffsetType.Equals(type) => new DateTimeOffset(ticks, TimeSpan.Zero),
        long ticks when TimeSpanType.Equals(type) => new TimeSpan(ticks),
        string uri when UriType.Equals(type) => new Uri(uri),
        _ => value,
    };
}
