namespace Azure.Core.Amqp;

public enum AmqpMessageSection
{
    Header = 0,
    DeliveryAnnotations = 1,
    MessageAnnotations = 2,
    Properties = 3,
    ApplicationProperties = 4,
    Body = 5,
    Footer = 6,
}
