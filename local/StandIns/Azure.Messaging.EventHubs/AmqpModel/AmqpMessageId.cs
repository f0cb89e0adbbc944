using System.Diagnostics.CodeAnalysis;

namespace Azure.Core.Amqp;

public readonly struct AmqpMessageId : IEquatable<AmqpMessageId>
{
    private readonly string? _value;

    public AmqpMessageId(string messageId)
    {
        ArgumentNullException.ThrowIfNull(messageId);
        _value = messageId;
    }

    public static bool operator ==(AmqpMessageId left, AmqpMessageId right) => left.Equals(right);

    public static bool operator !=(AmqpMessageId left, AmqpMessageId right) => !left.Equals(right);

    public bool Equals(AmqpMessageId other) => string.Equals(_value, other._value, StringComparison.Ordinal);

    public bool Equals(string other) => string.Equals(_value, other, StringComparison.Ordinal);

    public override bool Equals([NotNullWhen(true)] object? obj) => obj is AmqpMessageId other && Equals(other);

    public override int GetHashCode() => _value is null ? 0 : _value.GetHashCode(StringComparison.Ordinal);

    public override string ToString() => _value ?? "";
}
