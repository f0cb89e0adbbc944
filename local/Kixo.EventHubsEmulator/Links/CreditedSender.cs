using System.Runtime.CompilerServices;
using Amqp;
using Amqp.Framing;
using Amqp.Listener;
using Amqp.Types;

namespace Kixo.EventHubsEmulator.Links;

/// <summary>
/// Sends on a link within the credit its client gave. AMQPNetLite 2.5.5 sends without looking at credit, and counts it
/// wrongly once a client lowers it, so it is counted here.
/// </summary>
internal sealed class CreditedSender
{
    private readonly ListenerLink _link;
    private readonly Lock _gate = new();
    private TaskCompletionSource? _awaited;
    private int _credit;

    public CreditedSender(ListenerLink link)
    {
        _link = link;
        link.InitializeSender(OnCredit, OnDisposition, null);
        var closed = new CancellationTokenSource();
        Closed = closed.Token;
        link.AddClosedCallback((_, _) => closed.Cancel());
    }

    /// <summary>Cancelled when the link has closed.</summary>
    public CancellationToken Closed { get; }

    public Task WaitForCreditAsync()
    {
        lock (_gate)
        {
            if (_credit > 0)
            {
                return Task.CompletedTask;
            }

            _awaited ??= new(TaskCreationOptions.RunContinuationsAsynchronously);
            return _awaited.Task.WaitAsync(Closed);
        }
    }

    /// <summary>Sends, unless there is no credit.</summary>
    public bool TrySend(Message message, ByteBuffer? encoded = null)
    {
        lock (_gate)
        {
            if (_credit <= 0)
            {
                return false;
            }

            _credit--;
            _link.SendMessage(message, encoded);
            return true;
        }
    }

    private void OnCredit(int delta, Fields properties, object state)
    {
        lock (_gate)
        {
            if (delta > 0)
            {
                // The library's count is the client's own after a raise, whatever it was before.
                _credit = (int)CreditOf(_link);
            }
            else
            {
                // It has dropped its count to 0 here: put the right one back, from which it reckons the next change.
                _credit += delta;
                CreditOf(_link) = (uint)_credit;
            }

            if (_credit > 0)
            {
                _awaited?.SetResult();
                _awaited = null;
            }
        }
    }

    private void OnDisposition(Message message, DeliveryState outcome, bool settled, object state)
    {
        if (!settled)
        {
            _link.DisposeMessage(message, new Accepted(), settled: true);
        }
    }

    [UnsafeAccessor(UnsafeAccessorKind.Field, Name = "credit")]
    private static extern ref uint CreditOf(ListenerLink link);
}
