using System.Collections.Concurrent;
using System.Globalization;
using Amqp;
using Amqp.Framing;

namespace Azure.Messaging.EventHubs.Wire;

/// <summary>Requests and their responses on a node such as $cbs, matched by message id. Any number may be outstanding.</summary>
internal sealed class RequestLink
{
    private const int Credit = 100;

    private readonly ConcurrentDictionary<string, TaskCompletionSource<Message>> _outstanding = new();
    private readonly string _replyTo;
    private readonly SenderLink _sender;
    private readonly ReceiverLink _receiver;
    private readonly Attaching _senderAttaching = new();
    private readonly Attaching _receiverAttaching = new();
    private long _lastId;

    private RequestLink(Connection connection, string node)
    {
        var session = new Session(connection);
        _replyTo = $"{node}-{Guid.NewGuid():N}";
        _receiver = new ReceiverLink(
            session,
            _replyTo,
            new Attach { Source = new Source { Address = node }, Target = new Target { Address = _replyTo } },
            _receiverAttaching.OnAttached);
        _sender = new SenderLink(
            session,
            $"{_replyTo}-requests",
            new Attach { Source = new Source { Address = _replyTo }, Target = new Target { Address = node } },
            _senderAttaching.OnAttached);
    }

    public bool IsOpen => _sender.IsOpen() && _receiver.IsOpen();

    public static async Task<RequestLink> OpenAsync(Connection connection, string node, CancellationToken cancellationToken)
    {
        var link = new RequestLink(connection, node);
        await link._senderAttaching.WaitAsync(link._sender, cancellationToken);
        await link._receiverAttaching.WaitAsync(link._receiver, cancellationToken);
        link._sender.AddClosedCallback(link.OnClosed);
        link._receiver.AddClosedCallback(link.OnClosed);
        link._receiver.Start(Credit, link.OnResponse);
        return link;
    }

    /// <exception cref="AmqpException">The status of the response is not a success.</exception>
    public async Task<Message> RequestAsync(Message request, CancellationToken cancellationToken)
    {
        var id = Interlocked.Increment(ref _lastId).ToString(CultureInfo.InvariantCulture);
        request.Properties = new Properties { MessageId = id, ReplyTo = _replyTo };
        var response = new TaskCompletionSource<Message>(TaskCreationOptions.RunContinuationsAsynchronously);
        _outstanding[id] = response;
        try
        {
            _sender.Send(request, (_, _, outcome, _) => OnOutcome(response, outcome), null);
            if (!IsOpen)
            {
                OnClosed(_sender, _sender.Error);
            }

            return Checked(await response.Task.WaitAsync(cancellationToken));
        }
        finally
        {
            _outstanding.TryRemove(id, out _);
        }
    }

    private static void OnOutcome(TaskCompletionSource<Message> response, Outcome? outcome)
    {
        if (outcome is not Accepted)
        {
            response.TrySetException(new AmqpException((outcome as Rejected)?.Error ?? new Error(ErrorCode.MessageReleased)));
        }
    }

    private static Message Checked(Message response)
    {
        var properties = response.ApplicationProperties;
        var status = Convert.ToInt32(properties?["status-code"] ?? properties?["statusCode"] ?? 500, CultureInfo.InvariantCulture);
        if (status is >= 200 and < 300)
        {
            return response;
        }

        var description = (properties?["status-description"] ?? properties?["statusDescription"]) as string;
        var condition = status switch
        {
            401 or 403 => ErrorCode.UnauthorizedAccess,
            404 => ErrorCode.NotFound,
            408 or 504 => Failures.TimeoutCondition,
            503 => Failures.ServerBusyCondition,
            _ => ErrorCode.InternalError,
        };
        throw new AmqpException(condition, $"{description ?? "The request failed."} (status {status})");
    }

    private void OnResponse(IReceiverLink link, Message response)
    {
        link.Accept(response);
        if (response.Properties?.GetCorrelationId()?.ToString() is { } id && _outstanding.TryGetValue(id, out var waiting))
        {
            waiting.TrySetResult(response);
        }
    }

    private void OnClosed(IAmqpObject sender, Error? error)
    {
        foreach (var waiting in _outstanding.Values)
        {
            waiting.TrySetException(new AmqpException(error ?? new Error(ErrorCode.DetachForced)));
        }
    }
}
