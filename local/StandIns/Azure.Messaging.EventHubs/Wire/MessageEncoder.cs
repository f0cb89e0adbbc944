using System.Runtime.InteropServices;
using Amqp;
using Amqp.Framing;
using Amqp.Types;
using Azure.Core.Amqp;

namespace Azure.Messaging.EventHubs.Wire;

/// <summary>Events as AMQP messages. A message refers to the memory of the body; nothing is copied before it is encoded.</summary>
internal static class MessageEncoder
{
    /// <summary>The message format of several events in one message, each a whole encoded message in a data section of its own.</summary>
    public const uint BatchFormat = 0x80013700;

    public static Message ToMessage(EventData eventData, string? partitionKey)
    {
        var source = eventData.GetRawAmqpMessage();
        var message = new Message
        {
            Header = source.HasSection(AmqpMessageSection.Header) ? Convert(source.Header) : null,
            Properties = source.HasSection(AmqpMessageSection.Properties) ? Convert(source.Properties) : null,
            BodySection = Convert(source.Body),
        };
        if (source.HasSection(AmqpMessageSection.DeliveryAnnotations))
        {
            Copy(source.DeliveryAnnotations, message.DeliveryAnnotations = new DeliveryAnnotations());
        }

        if (source.HasSection(AmqpMessageSection.MessageAnnotations))
        {
            Copy(source.MessageAnnotations, message.MessageAnnotations = new MessageAnnotations());
        }

        if (source.HasSection(AmqpMessageSection.Footer))
        {
            Copy(source.Footer, message.Footer = new Footer());
        }

        if (source.HasSection(AmqpMessageSection.ApplicationProperties))
        {
            var properties = message.ApplicationProperties = new ApplicationProperties();
            foreach (var (name, value) in source.ApplicationProperties)
            {
                properties[name] = PropertyValues.ToAmqp(value, name);
            }
        }

        return WithPartitionKey(message, partitionKey);
    }

    /// <param name="events">Two or more events, encoded.</param>
    /// <param name="partitionKey">The key they were encoded with.</param>
    public static Message ToBatch(IReadOnlyList<ArraySegment<byte>> events, string? partitionKey)
    {
        var sections = new DataList();
        foreach (var encoded in events)
        {
            sections.Add(new Data { Buffer = View(encoded) });
        }

        return WithPartitionKey(new Message { Format = BatchFormat, BodySection = sections }, partitionKey);
    }

    public static ArraySegment<byte> Encode(EventData eventData, string? partitionKey)
    {
        var buffer = ToMessage(eventData, partitionKey).Encode();
        return new ArraySegment<byte>(buffer.Buffer, buffer.Offset, buffer.Length);
    }

    public static ByteBuffer View(ArraySegment<byte> bytes) => new(bytes.Array, bytes.Offset, bytes.Count, bytes.Count);

    /// <summary>What the message of one event takes at most; counting is much cheaper than encoding.</summary>
    public static long MaximumSize(EventData eventData, string? partitionKey)
    {
        const int Sections = 512;
        var source = eventData.GetRawAmqpMessage();
        var size = Sections + Text(partitionKey);
        if (source.Body.TryGetData(out var data))
        {
            foreach (var section in data)
            {
                size += section.Length + 16;
            }
        }
        else
        {
            return long.MaxValue;
        }

        if (source.HasSection(AmqpMessageSection.Properties))
        {
            var properties = source.Properties;
            size += Text(properties.ContentType) + Text(properties.ContentEncoding) + Text(properties.GroupId) + Text(properties.ReplyToGroupId)
                + Text(properties.Subject) + Text(properties.MessageId?.ToString()) + Text(properties.CorrelationId?.ToString())
                + Text(properties.ReplyTo?.ToString()) + Text(properties.To?.ToString()) + (properties.UserId?.Length ?? 0);
        }

        return size
            + (source.HasSection(AmqpMessageSection.ApplicationProperties) ? Entries(source.ApplicationProperties) : 0)
            + (source.HasSection(AmqpMessageSection.MessageAnnotations) ? Entries(source.MessageAnnotations) : 0)
            + (source.HasSection(AmqpMessageSection.DeliveryAnnotations) ? Entries(source.DeliveryAnnotations) : 0)
            + (source.HasSection(AmqpMessageSection.Footer) ? Entries(source.Footer) : 0);

        static long Text(string? text) => text is null ? 0 : (4L * text.Length) + 8;

        static long Entries(IDictionary<string, object?> entries)
        {
            var sum = 0L;
            foreach (var (name, value) in entries)
            {
                sum += Text(name) + value switch
                {
                    string text => Text(text),
                    byte[] bytes => bytes.Length + 8,
                    ReadOnlyMemory<byte> bytes => bytes.Length + 8,
                    ArraySegment<byte> bytes => bytes.Count + 8,
                    Uri uri => Text(uri.AbsoluteUri) + 64,
                    _ => 64,
                };
            }

            return sum;
        }
    }

    private static Message WithPartitionKey(Message message, string? partitionKey)
    {
        if (partitionKey is not null)
        {
            message.MessageAnnotations ??= new MessageAnnotations();
            message.MessageAnnotations[new Symbol(Annotations.PartitionKey)] = partitionKey;
        }

        return message;
    }

    private static void Copy(IDictionary<string, object?> from, DescribedMap to)
    {
        foreach (var (name, value) in from)
        {
            to[new Symbol(name)] = PropertyValues.ToAmqp(value, name);
        }
    }

    private static RestrictedDescribed Convert(AmqpMessageBody body)
    {
        if (body.TryGetValue(out var value))
        {
            return new AmqpValue { Value = PropertyValues.ToAmqp(value, "body") };
        }

        if (!body.TryGetData(out var sections))
        {
            throw new NotSupportedException("An event whose body is an AMQP sequence cannot be sent.");
        }

        DataList? several = null;
        Data? one = null;
        foreach (var section in sections)
        {
            var data = new Data { Buffer = View(MemoryMarshal.TryGetArray(section, out var array) ? array : section.ToArray()) };
            if (one is null)
            {
                one = data;
                continue;
            }

            if (several is null)
            {
                several = new DataList();
                several.Add(one);
            }

            several.Add(data);
        }

        return several ?? (RestrictedDescribed?)one ?? new Data { Binary = [] };
    }

    private static Header Convert(AmqpMessageHeader source)
    {
        var header = new Header();
        if (source.Durable is { } durable)
        {
            header.Durable = durable;
        }

        if (source.Priority is { } priority)
        {
            header.Priority = priority;
        }

        if (source.TimeToLive is { } timeToLive)
        {
            header.Ttl = (uint)Math.Min(timeToLive.TotalMilliseconds, uint.MaxValue);
        }

        if (source.FirstAcquirer is { } firstAcquirer)
        {
            header.FirstAcquirer = firstAcquirer;
        }

        if (source.DeliveryCount is { } deliveryCount)
        {
            header.DeliveryCount = deliveryCount;
        }

        return header;
    }

    private static Properties Convert(AmqpMessageProperties source)
    {
        var properties = new Properties();
        if (source.MessageId is { } messageId)
        {
            properties.MessageId = messageId.ToString();
        }

        if (source.UserId is { } userId)
        {
            properties.UserId = userId.ToArray();
        }

        if (source.To is { } to)
        {
            properties.To = to.ToString();
        }

        if (source.Subject is { } subject)
        {
            properties.Subject = subject;
        }

        if (source.ReplyTo is { } replyTo)
        {
            properties.ReplyTo = replyTo.ToString();
        }

        if (source.CorrelationId is { } correlationId)
        {
            properties.CorrelationId = correlationId.ToString();
        }

        if (source.ContentType is { } contentType)
        {
            properties.ContentType = contentType;
        }

        if (source.ContentEncoding is { } contentEncoding)
        {
            properties.ContentEncoding = contentEncoding;
        }

        if (source.AbsoluteExpiryTime is { } expiry)
        {
            properties.AbsoluteExpiryTime = expiry.UtcDateTime;
        }

        if (source.CreationTime is { } creation)
        {
            properties.CreationTime = creation.UtcDateTime;
        }

        if (source.GroupId is { } groupId)
        {
            properties.GroupId = groupId;
        }

        if (source.GroupSequence is { } groupSequence)
        {
            properties.GroupSequence = groupSequence;
        }

        if (source.ReplyToGroupId is { } replyToGroupId)
        {
            properties.ReplyToGroupId = replyToGroupId;
        }

        return properties;
    }
}
