namespace Azure.Core.Amqp;

public class AmqpMessageHeader
{
    internal AmqpMessageHeader()
    {
    }

    public uint? DeliveryCount { get; set; }

    public bool? Durable { get; set; }

    public bool? FirstAcquirer { get; set; }

    public byte? Priority { get; set; }

    public TimeSpan? TimeToLive { get; set; }
}
