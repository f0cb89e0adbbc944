namespace Azure.Core.Amqp;

public class AmqpMessageProperties
{
    internal AmqpMessageProperties()
    {
    }

    public DateTimeOffset? AbsoluteExpiryTime { get; set; }

    public string? ContentEncoding { get; set; }

    public string? ContentType { get; set; }

    public AmqpMessageId? CorrelationId { get; set; }

    public DateTimeOffset? CreationTime { get; set; }

    public string? GroupId { get; set; }

    public uint? GroupSequence { get; set; }

    public AmqpMessageId? MessageId { get; set; }

    public AmqpAddress? ReplyTo { get; set; }

    public string? ReplyToGroupId { get; set; }

    public string? Subject { get; set; }

    public AmqpAddress? To { get; set; }

    public ReadOnlyMemory<byte>? UserId { get; set; }
}
