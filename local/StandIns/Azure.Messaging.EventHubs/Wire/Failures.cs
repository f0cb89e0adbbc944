using System.Net.Sockets;
using System.Runtime.Serialization;
using System.Security.Authentication;
using Amqp;
using Amqp.Framing;
using static Azure.Messaging.EventHubs.EventHubsException;

namespace Azure.Messaging.EventHubs.Wire;

/// <summary>What failures of the connection and answers of the service mean to the caller.</summary>
internal static class Failures
{
    public const string TimeoutCondition = "com.microsoft:timeout";
    public const string ServerBusyCondition = "com.microsoft:server-busy";
    private const string ArgumentErrorCondition = "com.microsoft:argument-error";
    private const string ArgumentOutOfRangeCondition = "com.microsoft:argument-out-of-range";
    private const string EntityDisabledCondition = "com.microsoft:entity-disabled";
    private const string ProducerStolenCondition = "com.microsoft:producer-epoch-stolen";

    public static Exception Translate(Exception failure, string eventHubName) => failure switch
    {
        EventHubsException or UnauthorizedAccessException or ArgumentException or SerializationException or NotSupportedException => failure,
        AmqpException { Error: { } error } => FromError(error, eventHubName, failure),
        OperationCanceledException or TimeoutException => new EventHubsException(
            true, eventHubName, "The operation did not complete in its time.", FailureReason.ServiceTimeout, failure),
        AmqpException or SocketException or IOException or ObjectDisposedException => Communication(eventHubName, failure.Message, failure),
        AuthenticationException => new EventHubsException(
            false, eventHubName, $"The TLS connection was refused: {failure.Message}", FailureReason.ServiceCommunicationProblem, failure),
        _ => new EventHubsException(false, eventHubName, failure.Message, FailureReason.GeneralError, failure),
    };

    private static Exception FromError(Error error, string eventHubName, Exception failure)
    {
        var message = error.Description ?? error.Condition?.ToString() ?? failure.Message;
        return (string?)error.Condition switch
        {
            TimeoutCondition => Make(true, FailureReason.ServiceTimeout),
            ServerBusyCondition => Make(true, FailureReason.ServiceBusy),
            ErrorCode.Stolen => Make(false, FailureReason.ConsumerDisconnected),
            ProducerStolenCondition => Make(false, FailureReason.ProducerDisconnected),
            ErrorCode.ResourceLimitExceeded => Make(false, FailureReason.QuotaExceeded),
            ErrorCode.MessageSizeExceeded => Make(false, FailureReason.MessageSizeExceeded),
            ErrorCode.UnauthorizedAccess => new UnauthorizedAccessException(message, failure),
            ErrorCode.NotFound or EntityDisabledCondition => Make(false, FailureReason.ResourceNotFound),
            ArgumentErrorCondition or ArgumentOutOfRangeCondition or ErrorCode.NotAllowed or ErrorCode.NotImplemented => Make(false, FailureReason.GeneralError),
            ErrorCode.InternalError => Make(true, FailureReason.GeneralError),
            _ => Communication(eventHubName, message, failure),
        };

        EventHubsException Make(bool isTransient, FailureReason reason) => new(isTransient, eventHubName, message, reason, failure);
    }

    private static EventHubsException Communication(string eventHubName, string message, Exception failure) =>
        new(true, eventHubName, message, FailureReason.ServiceCommunicationProblem, failure);
}
