using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using Azure.Messaging.EventHubs.Wire;

namespace Azure.Messaging.EventHubs.Consumer;

/// <summary>Where in a partition reading starts.</summary>
public struct EventPosition : IEquatable<EventPosition>
{
    private readonly string? _annotation;
    private readonly string? _value;
    private readonly bool _isInclusive;

    private EventPosition(string annotation, string value, bool isInclusive)
    {
        _annotation = annotation;
        _value = value;
        _isInclusive = isInclusive;
    }

    public static EventPosition Earliest { get; } = new(Annotations.Offset, "-1", false);

    /// <summary>Only events that are enqueued after reading has started.</summary>
    public static EventPosition Latest { get; } = new(Annotations.Offset, "@latest", false);

    /// <summary>The position as a filter of AMQP links; the default value is the start of the partition.</summary>
    internal readonly string Filter => _annotation is null ? Earliest.Filter : $"amqp.annotation.{_annotation} {(_isInclusive ? ">=" : ">")} '{_value}'";

    public static bool operator ==(EventPosition left, EventPosition right) => left.Equals(right);

    public static bool operator !=(EventPosition left, EventPosition right) => !left.Equals(right);

    public static EventPosition FromOffset(string offsetString, bool isInclusive = true)
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(offsetString);
        return new EventPosition(Annotations.Offset, offsetString, isInclusive);
    }

    public static EventPosition FromSequenceNumber(long sequenceNumber, bool isInclusive = true) =>
        new(Annotations.SequenceNumber, sequenceNumber.ToString(CultureInfo.InvariantCulture), isInclusive);

    public static EventPosition FromEnqueuedTime(DateTimeOffset enqueuedTime) =>
        new(Annotations.EnqueuedTime, enqueuedTime.ToUnixTimeMilliseconds().ToString(CultureInfo.InvariantCulture), false);

    public readonly bool Equals(EventPosition other) =>
        _annotation == other._annotation && _value == other._value && _isInclusive == other._isInclusive;

    public override readonly bool Equals([NotNullWhen(true)] object? obj) => obj is EventPosition other && Equals(other);

    public override readonly int GetHashCode() => HashCode.Combine(_annotation, _value, _isInclusive);

    public override readonly string ToString() => Filter;
}
