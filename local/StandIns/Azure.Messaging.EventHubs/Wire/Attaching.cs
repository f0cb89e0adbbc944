using Amqp;
using Amqp.Framing;

namespace Azure.Messaging.EventHubs.Wire;

/// <summary>
/// Waits for the answer to an attach. A refusal comes as an attach without the terminus asked for, and a detach that says why.
/// </summary>
internal sealed class Attaching
{
    private readonly TaskCompletionSource<Attach> _answer = new(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <summary>Given to a link when it is made.</summary>
    public OnAttached OnAttached => (_, answer) =>
    {
        // The role is the other side's: a receiver accepts with the target, a sender with the source.
        var isAccepted = answer.Role ? answer.Target is not null : answer.Source is not null;
        if (isAccepted)
        {
            _answer.TrySetResult(answer);
        }
    };

    /// <returns>The other side's attach.</returns>
    public async Task<Attach> WaitAsync(Link link, CancellationToken cancellationToken)
    {
        link.AddClosedCallback((_, error) => _answer.TrySetException(
            error is null ? new AmqpException(ErrorCode.DetachForced, "The link was closed.") : new AmqpException(error)));
        return await _answer.Task.WaitAsync(cancellationToken);
    }

    /// <summary>As <see cref="WaitAsync"/>, and ends the session, which is the link's own, when there will be no link.</summary>
    public async Task<Attach> WaitOrEndAsync(Link link, CancellationToken cancellationToken)
    {
        try
        {
            return await WaitAsync(link, cancellationToken);
        }
        catch
        {
            _ = link.EndAsync();
            throw;
        }
    }
}
