using Azure.Core.Amqp;

namespace Azure.Messaging.EventHubs.Wire;

internal static class AnnotatedMessageExtensions
{
    public static object? Annotation(this AmqpAnnotatedMessage message, string name) =>
        message.HasSection(AmqpMessageSection.MessageAnnotations) && message.MessageAnnotations.TryGetValue(name, out var value) ? value : null;

    /// <summary>The bytes of the body; several data sections in a row are joined.</summary>
    public static ReadOnlyMemory<byte> DataBody(this AmqpAnnotatedMessage message)
    {
        if (!message.Body.TryGetData(out var sections))
        {
            throw new NotSupportedException(
                $"The body of this event is an AMQP {message.Body.BodyType}, not bytes. Read it through {nameof(EventData.GetRawAmqpMessage)}.");
        }

        if (sections is IReadOnlyList<ReadOnlyMemory<byte>> { Count: 1 } list)
        {
            return list[0];
        }

        using var joined = new MemoryStream();
        foreach (var section in sections)
        {
            joined.Write(section.Span);
        }

        return joined.ToArray();
    }

    /// <summary>The annotations of the message and its set standard properties, under their AMQP names.</summary>
    public static IReadOnlyDictionary<string, object> SystemProperties(this AmqpAnnotatedMessage message)
    {
        var all = new Dictionary<string, object>();
        if (message.HasSection(AmqpMessageSection.MessageAnnotations))
        {
            foreach (var (name, value) in message.MessageAnnotations)
            {
                all[name] = value!;
            }
        }

        if (!message.HasSection(AmqpMessageSection.Properties))
        {
            return all;
        }

        var properties = message.Properties;
        Add("message-id", properties.MessageId?.ToString());
        Add("user-id", properties.UserId);
        Add("to", properties.To?.ToString());
        Add("subject", properties.Subject);
        Add("reply-to", properties.ReplyTo?.ToString());
        Add("correlation-id", properties.CorrelationId?.ToString());
        Add("content-type", properties.ContentType);
        Add("content-encoding", properties.ContentEncoding);
        Add("absolute-expiry-time", properties.AbsoluteExpiryTime);
        Add("creation-time", properties.CreationTime);
        Add("group-id", properties.GroupId);
        Add("group-sequence", properties.GroupSequence);
        Add("reply-to-group-id", properties.ReplyToGroupId);
        return all;

        void Add(string name, object? value)
        {
            if (value is not null)
            {
                all[name] = value;
            }
        }
    }
}
