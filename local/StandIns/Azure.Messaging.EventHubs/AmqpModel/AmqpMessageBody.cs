using System.Diagnostics.CodeAnalysis;

namespace Azure.Core.Amqp;

/// <summary>The body of a message: bytes, one value or sequences of values.</summary>
public class AmqpMessageBody
{
    private readonly object? _content;

    private AmqpMessageBody(AmqpMessageBodyType bodyType, object? content)
    {
        BodyType = bodyType;
        _content = content;
    }

    public AmqpMessageBodyType BodyType { get; }

    public static AmqpMessageBody FromData(IEnumerable<ReadOnlyMemory<byte>> data)
    {
        ArgumentNullException.ThrowIfNull(data);
        return new AmqpMessageBody(AmqpMessageBodyType.Data, data);
    }

    public static AmqpMessageBody FromSequence(IEnumerable<IList<object>> sequence)
    {
        ArgumentNullException.ThrowIfNull(sequence);
        return new AmqpMessageBody(AmqpMessageBodyType.Sequence, sequence);
    }

    public static AmqpMessageBody FromValue(object value) => new(AmqpMessageBodyType.Value, value);

    public bool TryGetData([NotNullWhen(true)] out IEnumerable<ReadOnlyMemory<byte>>? data)
    {
        data = _content as IEnumerable<ReadOnlyMemory<byte>>;
        return BodyType == AmqpMessageBodyType.Data && data is not null;
    }

    public bool TryGetSequence([NotNullWhen(true)] out IEnumerable<IList<object>>? sequence)
    {
        sequence = _content as IEnumerable<IList<object>>;
        return BodyType == AmqpMessageBodyType.Sequence && sequence is not null;
    }

    public bool TryGetValue(out object? value)
    {
        value = BodyType == AmqpMessageBodyType.Value ? _content : null;
        return BodyType == AmqpMessageBodyType.Value;
    }
}
