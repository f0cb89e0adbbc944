using Azure.Core;
using Azure.Core.Amqp;
using Azure.Messaging.EventHubs.Wire;

namespace Azure.Messaging.EventHubs;

/// <summary>An event to send, or one received: a view of an AMQP message.</summary>
public class EventData : MessageContent
{
    private readonly AmqpAnnotatedMessage _message;
    private readonly IReadOnlyDictionary<string, object>? _systemProperties;

    public EventData()
        : this(ReadOnlyMemory<byte>.Empty)
    {
    }

    public EventData(BinaryData eventBody)
        : this((eventBody ?? throw new ArgumentNullException(nameof(eventBody))).ToMemory())
    {
    }

    public EventData(ReadOnlyMemory<byte> eventBody)
        : this(new AmqpAnnotatedMessage(AmqpMessageBody.FromData([eventBody])))
    {
    }

    public EventData(string eventBody)
        : this(new BinaryData(eventBody))
    {
    }

    public EventData(AmqpAnnotatedMessage amqpMessage)
        : this(amqpMessage, null)
    {
    }

    internal EventData(AmqpAnnotatedMessage message, IReadOnlyDictionary<string, object>? systemProperties)
    {
        ArgumentNullException.ThrowIfNull(message);
        _message = message;
        _systemProperties = systemProperties;
    }

    public BinaryData EventBody
    {
        get => new(Body);
        set
        {
            ArgumentNullException.ThrowIfNull(value);
            _message.Body = AmqpMessageBody.FromData([value.ToMemory()]);
        }
    }

    public ReadOnlyMemory<byte> Body => _message.DataBody();

    public Stream BodyAsStream => new BinaryData(Body).ToStream();

    public override BinaryData? Data
    {
        get => EventBody;
        set => EventBody = value!;
    }

    public new string? ContentType
    {
        get => _message.HasSection(AmqpMessageSection.Properties) ? _message.Properties.ContentType : null;
        set => _message.Properties.ContentType = value;
    }

    protected override ContentType? ContentTypeCore
    {
        get => ContentType is { } contentType ? new ContentType(contentType) : null;
        set => ContentType = value?.ToString();
    }

    public string? MessageId
    {
        get => _message.HasSection(AmqpMessageSection.Properties) ? _message.Properties.MessageId?.ToString() : null;
        set => _message.Properties.MessageId = value is null ? null : new AmqpMessageId(value);
    }

    public string? CorrelationId
    {
        get => _message.HasSection(AmqpMessageSection.Properties) ? _message.Properties.CorrelationId?.ToString() : null;
        set => _message.Properties.CorrelationId = value is null ? null : new AmqpMessageId(value);
    }

    public override bool IsReadOnly => false;

    /// <summary>The application's own properties. They travel with the event.</summary>
    public IDictionary<string, object> Properties => _message.ApplicationProperties!;

    /// <summary>What the service says of a received event.</summary>
    public IReadOnlyDictionary<string, object> SystemProperties => _systemProperties ?? _message.SystemProperties();

    /// <summary>Where a received event stands in its partition; <see cref="long.MinValue"/> on an event that was not received.</summary>
    public long SequenceNumber => _message.Annotation(Annotations.SequenceNumber) is long number ? number : long.MinValue;

    /// <summary>The offset of a received event, from which reading can go on.</summary>
    public string? OffsetString => _message.Annotation(Annotations.Offset)?.ToString();

    public DateTimeOffset EnqueuedTime => _message.Annotation(Annotations.EnqueuedTime) switch
    {
        DateTimeOffset time => time,
        DateTime time => new DateTimeOffset(time, TimeSpan.Zero),
        _ => default,
    };

    public string? PartitionKey => _message.Annotation(Annotations.PartitionKey)?.ToString();

    /// <summary>The message itself: changes to it are changes to the event.</summary>
    public AmqpAnnotatedMessage GetRawAmqpMessage() => _message;
}
