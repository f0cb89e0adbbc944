using Amqp;
using Amqp.Framing;
using Amqp.Types;
using Azure.Core.Amqp;

namespace Azure.Messaging.EventHubs.Wire;

/// <summary>AMQP messages as events. The body is the memory the message was received into.</summary>
internal static class MessageDecoder
{
    public static EventData ToEvent(Message message)
    {
        var result = new AmqpAnnotatedMessage(Convert(message.BodySection));
        Convert(message.Header, result);
        Convert(message.Properties, result);
        Copy(message.DeliveryAnnotations, result, static target => target.DeliveryAnnotations);
        Copy(message.MessageAnnotations, result, static target => target.MessageAnnotations);
        Copy(message.ApplicationProperties, result, static target => target.ApplicationProperties);
        Copy(message.Footer, result, static target => target.Footer);
        if (result.Annotation(Annotations.EnqueuedTime) is DateTime enqueued)
        {
            result.MessageAnnotations[Annotations.EnqueuedTime] = new DateTimeOffset(enqueued.ToUniversalTime(), TimeSpan.Zero);
        }

        return new EventData(result);
    }

    private static void Copy(DescribedMap? source, AmqpAnnotatedMessage message, Func<AmqpAnnotatedMessage, IDictionary<string, object?>> section)
    {
        if (source is null || source.Map.Count == 0)
        {
            return;
        }

        var target = section(message);
        foreach (var (name, value) in source.Map)
        {
            target[name.ToString()!] = PropertyValues.FromAmqp(value);
        }
    }

    private static AmqpMessageBody Convert(RestrictedDescribed? body) => body switch
    {
        Data data => AmqpMessageBody.FromData([Bytes(data)]),
        DataList list => AmqpMessageBody.FromData(Enumerable.Range(0, list.Count).Select(i => Bytes(list[i])).ToArray()),
        AmqpValue value => AmqpMessageBody.FromValue(PropertyValues.FromAmqp(value.Value)!),
        AmqpSequence sequence => AmqpMessageBody.FromSequence([sequence.List.Cast<object>().ToList()]),
        _ => AmqpMessageBody.FromData([ReadOnlyMemory<byte>.Empty]),
    };

    private static ReadOnlyMemory<byte> Bytes(Data data) =>
        data.Buffer is { } buffer ? buffer.Buffer.AsMemory(buffer.Offset, buffer.Length) : data.Binary;

    private static void Convert(Header? source, AmqpAnnotatedMessage message)
    {
        if (source is null)
        {
            return;
        }

        var target = message.Header;
        target.Durable = source.HasField(0) ? source.Durable : null;
        target.Priority = source.HasField(1) ? source.Priority : null;
        target.TimeToLive = source.HasField(2) ? TimeSpan.FromMilliseconds(source.Ttl) : null;
        target.FirstAcquirer = source.HasField(3) ? source.FirstAcquirer : null;
        target.DeliveryCount = source.HasField(4) ? source.DeliveryCount : null;
    }

    private static void Convert(Properties? source, AmqpAnnotatedMessage message)
    {
        if (source is null)
        {
            return;
        }

        var target = message.Properties;
        target.MessageId = source.GetMessageId()?.ToString() is { } messageId ? new AmqpMessageId(messageId) : null;
        target.UserId = source.UserId is { } userId ? userId : null;
        target.To = source.To is { } to ? new AmqpAddress(to) : null;
        target.Subject = source.Subject;
        target.ReplyTo = source.ReplyTo is { } replyTo ? new AmqpAddress(replyTo) : null;
        target.CorrelationId = source.GetCorrelationId()?.ToString() is { } correlationId ? new AmqpMessageId(correlationId) : null;
        target.ContentType = source.ContentType?.ToString();
        target.ContentEncoding = source.ContentEncoding?.ToString();
        target.AbsoluteExpiryTime = source.HasField(8) ? new DateTimeOffset(source.AbsoluteExpiryTime.ToUniversalTime()) : null;
        target.CreationTime = source.HasField(9) ? new DateTimeOffset(source.CreationTime.ToUniversalTime()) : null;
        target.GroupId = source.GroupId;
        target.GroupSequence = source.HasField(11) ? source.GroupSequence : null;
        target.ReplyToGroupId = source.ReplyToGroupId;
    }
}
