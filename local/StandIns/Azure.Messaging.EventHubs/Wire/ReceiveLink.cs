using Amqp;
using Amqp.Framing;
using Amqp.Types;

namespace Azure.Messaging.EventHubs.Wire;

/// <summary>An open link to receive on. It asks for as many messages as the reader has room for, and keeps them until they are taken.</summary>
internal sealed class ReceiveLink
{
    private const string FilterName = "apache.org:selector-filter:string";
    private static readonly Accepted Accepted = new();

    private readonly ReceiverLink _link;
    private readonly Queue<Message> _queue = new();
    private readonly Lock _lock = new();
    private TaskCompletionSource? _arrival;
    private int _credit;

    private ReceiveLink(ReceiverLink link) => _link = link;

    public bool IsOpen => _link.IsOpen();

    public static async Task<ReceiveLink> OpenAsync(
        Session session,
        string address,
        string filter,
        long? ownerLevel,
        string identifier,
        CancellationToken cancellationToken)
    {
        var attaching = new Attaching();
        var attach = new Attach
        {
            Source = new Source
            {
                Address = address,
                FilterSet = new Map { [new Symbol(FilterName)] = new DescribedValue(new Symbol(FilterName), filter) },
            },
            Target = new Target { Address = identifier },
            SndSettleMode = SenderSettleMode.Settled,
            RcvSettleMode = ReceiverSettleMode.First,
            Properties = new Fields { [new Symbol("com.microsoft:receiver-name")] = identifier },
        };
        if (ownerLevel is { } level)
        {
            attach.Properties[new Symbol("com.microsoft:epoch")] = level;
        }

        var inner = new ReceiverLink(session, $"{address}-{Guid.NewGuid():N}", attach, attaching.OnAttached);
        await attaching.WaitOrEndAsync(inner, cancellationToken);
        var link = new ReceiveLink(inner);
        inner.Start(0, link.OnMessage);
        inner.AddClosedCallback((_, _) => link.Wake());
        return link;
    }

    public Task CloseAsync() => _link.EndAsync();

    /// <summary>Takes what has come; waits when nothing has.</summary>
    /// <param name="maximumCount">No more than this.</param>
    /// <param name="prefetchCount">How many to hold or to have asked for at any time.</param>
    /// <param name="maximumWait">After it, the result is empty.</param>
    /// <param name="clock">Measures the wait.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <exception cref="AmqpException">The link is closed.</exception>
    public async Task<IReadOnlyList<Message>> ReceiveAsync(
        int maximumCount,
        int prefetchCount,
        TimeSpan maximumWait,
        TimeProvider clock,
        CancellationToken cancellationToken)
    {
        Refill(Math.Max(prefetchCount, maximumCount));
        Task arrival;
        lock (_lock)
        {
            if (_queue.Count > 0)
            {
                arrival = Task.CompletedTask;
            }
            else
            {
                _arrival = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
                arrival = _arrival.Task;
            }
        }

        if (!IsOpen)
        {
            Wake();
        }

        try
        {
            await arrival.WaitAsync(maximumWait, clock, cancellationToken);
        }
        catch (TimeoutException)
        {
            // Nothing came. A last look follows.
        }

        if (!IsOpen)
        {
            // What was not taken comes again on the next link, or goes to the new owner of the partition.
            throw new AmqpException(_link.Error ?? new Error(ErrorCode.DetachForced) { Description = "The link was closed." });
        }

        var taken = Take(maximumCount);
        Refill(prefetchCount);
        return taken;
    }

    private Message[] Take(int maximumCount)
    {
        Message[] taken;
        lock (_lock)
        {
            taken = new Message[Math.Min(maximumCount, _queue.Count)];
            for (var i = 0; i < taken.Length; i++)
            {
                taken[i] = _queue.Dequeue();
            }
        }

        foreach (var message in taken)
        {
            _link.Complete(message, Accepted);
        }

        return taken;
    }

    /// <summary>Tops the credit up, half of the wanted number at a time, so that not every message costs a flow.</summary>
    private void Refill(int wanted)
    {
        int missing;
        lock (_lock)
        {
            missing = wanted - _credit - _queue.Count;
            if (missing <= 0 || (missing < wanted / 2 && _credit > 0))
            {
                return;
            }

            _credit += missing;
        }

        _link.SetCredit(missing, CreditMode.Manual);
    }

    private void OnMessage(IReceiverLink link, Message message)
    {
        TaskCompletionSource? arrival;
        lock (_lock)
        {
            _credit--;
            _queue.Enqueue(message);
            arrival = _arrival;
        }

        arrival?.TrySetResult();
    }

    private void Wake()
    {
        TaskCompletionSource? arrival;
        lock (_lock)
        {
            arrival = _arrival;
        }

        arrival?.TrySetResult();
    }
}
