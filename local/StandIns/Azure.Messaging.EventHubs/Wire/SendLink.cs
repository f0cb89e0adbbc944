using Amqp;
using Amqp.Framing;

namespace Azure.Messaging.EventHubs.Wire;

/// <summary>An open link to send on. Any number of sends may be outstanding; all end when the link does.</summary>
internal sealed class SendLink
{
    /// <summary>The limit of the Standard tier, for a service that names none.</summary>
    private const ulong DefaultMaximumSize = 1024 * 1024;

    private readonly SenderLink _link;
    private readonly HashSet<PendingSend> _pending = [];
    private readonly Lock _lock = new();

    private SendLink(SenderLink link, long maximumMessageSize)
    {
        _link = link;
        MaximumMessageSize = maximumMessageSize;
    }

    public bool IsOpen => _link.IsOpen();

    public long MaximumMessageSize { get; }

    public static async Task<SendLink> OpenAsync(Session session, string address, CancellationToken cancellationToken)
    {
        var attaching = new Attaching();
        var attach = new Attach
        {
            Source = new Source { Address = address },
            Target = new Target { Address = address },
            SndSettleMode = SenderSettleMode.Unsettled,
        };
        var inner = new SenderLink(session, $"{address}-{Guid.NewGuid():N}", attach, attaching.OnAttached);
        var answer = await attaching.WaitOrEndAsync(inner, cancellationToken);
        var link = new SendLink(inner, (long)(answer.MaxMessageSize is 0 or > int.MaxValue ? DefaultMaximumSize : answer.MaxMessageSize));
        inner.AddClosedCallback(link.OnClosed);
        return link;
    }

    public Task CloseAsync() => _link.EndAsync();

    /// <summary>The message is encoded before this returns; its body is not looked at again.</summary>
    public Task SendAsync(Message message, CancellationToken cancellationToken)
    {
        var pending = new PendingSend(this);
        lock (_lock)
        {
            _pending.Add(pending);
        }

        try
        {
            _link.Send(message, PendingSend.OnOutcome, pending);
        }
        catch (Exception exception)
        {
            OnOutcome(pending);
            pending.TrySetException(exception);
        }

        if (!IsOpen)
        {
            OnClosed(_link, _link.Error);
        }

        return pending.Task.IsCompleted ? pending.Task : pending.Task.WaitAsync(cancellationToken);
    }

    public void OnOutcome(PendingSend pending)
    {
        lock (_lock)
        {
            _pending.Remove(pending);
        }
    }

    private void OnClosed(IAmqpObject sender, Error? error)
    {
        PendingSend[] lost;
        lock (_lock)
        {
            lost = [.. _pending];
            _pending.Clear();
        }

        foreach (var pending in lost)
        {
            pending.TrySetException(new AmqpException(error ?? new Error(ErrorCode.DetachForced) { Description = "The link was closed." }));
        }
    }
}
