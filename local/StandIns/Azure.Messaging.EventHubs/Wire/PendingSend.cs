using Amqp;
using Amqp.Framing;

namespace Azure.Messaging.EventHubs.Wire;

/// <summary>A message on its way: completes when the service has accepted it.</summary>
internal sealed class PendingSend(SendLink link) : TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously)
{
    public static readonly OutcomeCallback OnOutcome = static (_, _, outcome, state) => ((PendingSend)state).Complete(outcome);

    public SendLink Link => link;

    private void Complete(Outcome? outcome)
    {
        Link.OnOutcome(this);
        if (outcome is Accepted)
        {
            TrySetResult();
        }
        else
        {
            TrySetException(new AmqpException((outcome as Rejected)?.Error ?? new Error(ErrorCode.MessageReleased) { Description = "The event was released, not accepted." }));
        }
    }
}
