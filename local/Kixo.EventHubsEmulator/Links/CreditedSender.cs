using System.Runtime.CompilerServices;
using Amqp;
using Amqp.Framing;
using Amqp.Listener;
using Kixo.EventHubsEmulator.Wire;

namespace Kixo.EventHubsEmulator.Links;

/// <summary>
/// Sends on a link within the credit its client gave. AMQPNetLite 2.5.5 sends without looking at credit, and drops it to 0
/// where a client lowers or repeats it, so it is counted here.
/// </summary>
internal sealed class CreditedSender : LinkEndpoint
{
    /// <summary>Beyond it a client that settles nothing gets nothing more: what is not settled is kept by AMQPNetLite.</summary>
    private const int UnsettledBytes = 64 * 1024 * 1024;

    /// <summary>How often to look again whether the client's session takes more; no one tells.</summary>
    private static readonly TimeSpan WindowInterval = TimeSpan.FromMilliseconds(20);

    private readonly ListenerLink _link;
    private readonly Transport _transport;
    private readonly TimeProvider _clock;
    private readonly Backlog _unsettled = new(UnsettledBytes);
    private readonly Lock _gate = new();
    private TaskCompletionSource? _awaited;
    private int _limit; // messages that the client allows since the link began; the library's count and credit add up to it
    private int _sent;
    private bool _isIdle;
    private bool _isDraining;

    private CreditedSender(ListenerLink link, TimeProvider clock)
    {
        _link = link;
        _transport = Transport.Of(link.Session.Connection);
        _clock = clock;
        var closed = new CancellationTokenSource();
        Closed = closed.Token;
        link.AddClosedCallback((_, _) => closed.Cancel());
    }

    /// <summary>Cancelled when the link has closed.</summary>
    public CancellationToken Closed { get; }

    /// <summary>Answers a client's attach.</summary>
    public static CreditedSender Attach(ListenerLink link, Attach attach, TimeProvider clock)
    {
        var sender = new CreditedSender(link, clock);
        Context(link, attach).Complete(sender, 0);
        return sender;
    }

    /// <summary>Completes when the client takes another message.</summary>
    public async ValueTask ReadyAsync()
    {
        while (true)
        {
            await CreditAsync().WaitAsync(Closed);
            await _unsettled.RoomAsync().WaitAsync(Closed);
            await _transport.Outbox.RoomAsync().WaitAsync(Closed);
            if (OutgoingWindow(_link.Session) > 0)
            {
                return;
            }

            await Task.Delay(WindowInterval, _clock, Closed);
        }
    }

    /// <summary>Sends, unless there is no credit.</summary>
    public bool TrySend(ByteBuffer encoded)
    {
        var size = _link.SettleOnSend ? 0 : encoded.Length;
        lock (_gate)
        {
            if (_limit - _sent <= 0)
            {
                return false;
            }

            _sent++;
            _isIdle = false;
            _unsettled.Add(size);
            _link.SendMessage(new SentMessage(size), encoded);
            AnswerDrain();
            return true;
        }
    }

    /// <summary>There is nothing to send at the moment: a client that wants its credit back gets it.</summary>
    public void NothingToSend()
    {
        lock (_gate)
        {
            _isIdle = true;
            AnswerDrain();
        }
    }

    public override void OnFlow(FlowContext flowContext)
    {
        try
        {
            lock (_gate)
            {
                _limit += flowContext.Messages;
                if (flowContext.Messages <= 0)
                {
                    _limit = _limit - _sent < 0 ? _sent : _limit;
                    Credit(_link) = (uint)(_limit - _sent); // the library's count, from which it reckons the next change
                }

                _isDraining = _link.IsDraining;
                AnswerDrain();
                if (_limit - _sent > 0)
                {
                    _awaited?.SetResult();
                    _awaited = null;
                }
            }
        }
        catch (AmqpException)
        {
            // The link is closing.
        }
    }

    public override void OnDisposition(DispositionContext dispositionContext)
    {
        if (!dispositionContext.Settled)
        {
            _link.DisposeMessage(dispositionContext.Message, new Accepted(), settled: true);
        }

        _unsettled.Remove(((SentMessage)dispositionContext.Message).Size);
    }

    private Task CreditAsync()
    {
        lock (_gate)
        {
            return _limit - _sent > 0
                ? Task.CompletedTask
                : (_awaited ??= new(TaskCreationOptions.RunContinuationsAsynchronously)).Task;
        }
    }

    private void AnswerDrain()
    {
        if (_isDraining && (_isIdle || _limit == _sent))
        {
            _isDraining = false;
            _sent = _limit;
            _link.CompleteDrain(); // the library's count of messages goes up by what is left of the credit
            _link.SetCredit(0, drain: true, autoRestore: false); // says so once more, with the flag by which clients know the answer
        }
    }

    /// <summary>The library makes one only for its own ContainerHost; a link is told of every flow only through it.</summary>
    [UnsafeAccessor(UnsafeAccessorKind.Constructor)]
    private static extern AttachContext Context(ListenerLink link, Attach attach);

    [UnsafeAccessor(UnsafeAccessorKind.Field, Name = "credit")]
    private static extern ref uint Credit(ListenerLink link);

    [UnsafeAccessor(UnsafeAccessorKind.Field, Name = "outgoingWindow")]
    private static extern ref uint OutgoingWindow(Session session);

    private sealed class SentMessage(int size) : Message
    {
        public int Size { get; } = size;
    }
}
