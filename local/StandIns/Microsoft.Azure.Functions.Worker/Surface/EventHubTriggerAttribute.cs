using Microsoft.Azure.Functions.Worker.Extensions.Abstractions;

namespace Microsoft.Azure.Functions.Worker;

public sealed class EventHubTriggerAttribute(string eventHubName) : TriggerBindingAttribute
{
    /// <summary>The hub; <c>%Name%</c> is replaced by the setting of that name.</summary>
    public string EventHubName { get; private set; } = eventHubName;

    /// <summary>The consumer group; <c>$Default</c> when not set. <c>%Name%</c> is replaced by the setting of that name.</summary>
    public string? ConsumerGroup { get; set; }

    /// <summary>The setting that holds the connection string, or the prefix of the settings of an identity-based connection.</summary>
    public string? Connection { get; set; }

    public bool IsBatched { get; set; } = true;
}
