namespace Azure.Core.Amqp;

/// <summary>An AMQP 1.0 message, section by section. Sections that nobody touches are not created.</summary>
public class AmqpAnnotatedMessage
{
    private AmqpMessageHeader? _header;
    private AmqpMessageProperties? _properties;
    private Dictionary<string, object?>? _applicationProperties;
    private Dictionary<string, object?>? _deliveryAnnotations;
    private Dictionary<string, object?>? _messageAnnotations;
    private Dictionary<string, object?>? _footer;

    public AmqpAnnotatedMessage(AmqpMessageBody body)
    {
        ArgumentNullException.ThrowIfNull(body);
        Body = body;
    }

    public AmqpMessageBody Body { get; set; }

    public AmqpMessageHeader Header => _header ??= new AmqpMessageHeader();

    public AmqpMessageProperties Properties => _properties ??= new AmqpMessageProperties();

    public IDictionary<string, object?> ApplicationProperties => _applicationProperties ??= [];

    public IDictionary<string, object?> DeliveryAnnotations => _deliveryAnnotations ??= [];

    public IDictionary<string, object?> MessageAnnotations => _messageAnnotations ??= [];

    public IDictionary<string, object?> Footer => _footer ??= [];

    public bool HasSection(AmqpMessageSection section) => section switch
    {
        AmqpMessageSection.Header => _header is not null,
        AmqpMessageSection.DeliveryAnnotations => _deliveryAnnotations is { Count: > 0 },
        AmqpMessageSection.MessageAnnotations => _messageAnnotations is { Count: > 0 },
        AmqpMessageSection.Properties => _properties is not null,
        AmqpMessageSection.ApplicationProperties => _applicationProperties is { Count: > 0 },
        AmqpMessageSection.Body => true,
        AmqpMessageSection.Footer => _footer is { Count: > 0 },
        _ => throw new ArgumentOutOfRangeException(nameof(section), section, "No such section."),
    };
}
