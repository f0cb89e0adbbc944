namespace Azure.Messaging.EventHubs;

/// <summary>A failure of Event Hubs or of the way to it.</summary>
public class EventHubsException : Exception
{
    public EventHubsException(bool isTransient, string? eventHubName)
        : this(isTransient, eventHubName, null, FailureReason.GeneralError, null)
    {
    }

    public EventHubsException(bool isTransient, string? eventHubName, FailureReason reason)
        : this(isTransient, eventHubName, null, reason, null)
    {
    }

    public EventHubsException(bool isTransient, string? eventHubName, string? message)
        : this(isTransient, eventHubName, message, FailureReason.GeneralError, null)
    {
    }

    public EventHubsException(bool isTransient, string? eventHubName, string? message, FailureReason reason)
        : this(isTransient, eventHubName, message, reason, null)
    {
    }

    public EventHubsException(bool isTransient, string? eventHubName, string? message, Exception? innerException)
        : this(isTransient, eventHubName, message, FailureReason.GeneralError, innerException)
    {
    }

    public EventHubsException(bool isTransient, string? eventHubName, string? message, FailureReason reason, Exception? innerException)
        : base(message, innerException)
    {
        IsTransient = isTransient;
        EventHubName = eventHubName;
        Reason = reason;
    }

    /// <summary>Whether it is transient follows from the reason.</summary>
    public EventHubsException(string? eventHubName, string? message, FailureReason reason)
        : this(
            reason is FailureReason.ServiceCommunicationProblem or FailureReason.ServiceTimeout or FailureReason.ServiceBusy,
            eventHubName,
            message,
            reason,
            null)
    {
    }

    public enum FailureReason
    {
        GeneralError = 0,
        ClientClosed = 1,
        ConsumerDisconnected = 2,
        ResourceNotFound = 3,
        MessageSizeExceeded = 4,
        QuotaExceeded = 5,
        ServiceBusy = 6,
        ServiceTimeout = 7,
        ServiceCommunicationProblem = 8,
        ProducerDisconnected = 9,
        InvalidClientState = 10,
    }

    public string? EventHubName { get; }

    /// <summary>True when the same call may succeed later.</summary>
    public bool IsTransient { get; }

    public FailureReason Reason { get; }

    public override string Message => string.IsNullOrEmpty(EventHubName) ? base.Message : $"{base.Message} ({EventHubName})";
}
