using System.Diagnostics.CodeAnalysis;

namespace Azure.Core.Amqp;

public readonly struct AmqpAddress : IEquatable<AmqpAddress>
{
    private readonly string? _value;

    public AmqpAddress(string address)
    {
        ArgumentNullException.ThrowIfNull(address);
        _value = address;
    }

    public static bool operator ==(AmqpAddress left, AmqpAddress right) => left.Equals(right);

    public static bool operator !=(AmqpAddress left, AmqpAddress right) => !left.Equals(right);

    public bool Equals(AmqpAddress other) => string.Equals(_value, other._value, StringComparison.Ordinal);

    public bool Equals(string other) => string.Equals(_value, other, StringComparison.Ordinal);

    public override bool Equals([NotNullWhen(true)] object? obj) => obj is AmqpAddress other && Equals(other);

    public override int GetHashCode() => _value is null ? 0 : _value.GetHashCode(StringComparison.Ordinal);

    public override string ToString() => _value ?? "";
}
