using System.Runtime.CompilerServices;
using Amqp;
using Amqp.Framing;
using Amqp.Listener;

namespace Kixo.EventHubsEmulator.Links;

/// <summary>
/// A node that answers requests: a client sends on one link and gets the answer on another of the same connection.
/// AMQPNetLite's own request processor cannot serve @azure/event-hubs, whose reply link to <c>$cbs</c> has no address.
/// </summary>
internal sealed class RequestNode(Func<Connection, Message, Message> answer, TimeProvider clock)
{
    private const uint Credit = 100;

    /// <summary>Answers that a client may leave waiting for its credit; AMQPNetLite does not hold it to ours.</summary>
    private const int MaxWaiting = 2 * (int)Credit;

    // A connection's links are attached and its requests received on one thread at a time.
    private readonly ConditionalWeakTable<Connection, List<ReplyLink>> _replyLinks = [];

    public void OpenRequests(ListenerLink link) => link.InitializeReceiver(Credit, OnRequest, null);

    public void OpenReplies(ListenerLink link, Attach attach)
    {
        var links = _replyLinks.GetOrCreateValue(link.Session.Connection);
        links.RemoveAll(old => old.Sender.Closed.IsCancellationRequested);
        links.Add(new ReplyLink((attach.Target as Target)?.Address, link.Name, CreditedSender.Attach(link, attach, clock)));
    }

    private void OnRequest(ListenerLink link, Message message, DeliveryState state, object user)
    {
        Message request;
        try
        {
            MessageSections.Validate(((RawMessage)message).Bytes);
            request = Message.Decode(((RawMessage)message).Encoded);
        }
        catch (Exception exception)
        {
            // AMQPNetLite's decoder has no one exception for bytes that are not AMQP.
            link.DisposeMessage(message, new Rejected { Error = new Error(ErrorCode.DecodeError) { Description = exception.Message } }, settled: true);
            return;
        }

        link.DisposeMessage(message, new Accepted(), settled: true);
        if (ReplyLinkFor(link.Session.Connection, request.Properties?.ReplyTo) is not { } replyLink)
        {
            return;
        }

        if (replyLink.Waiting >= MaxWaiting)
        {
            link.Close(TimeSpan.Zero, new Error(ErrorCode.TransferLimitExceeded) { Description = $"{MaxWaiting} answers wait for credit on the link '{replyLink.Name}'." });
            return;
        }

        var reply = answer(link.Session.Connection, request);
        reply.Properties = new();
        reply.Properties.SetCorrelationId(request.Properties?.GetMessageId());
        _ = SendAsync(replyLink, reply.Encode());
    }

    private ReplyLink? ReplyLinkFor(Connection connection, string? address)
    {
        _replyLinks.TryGetValue(connection, out var links);
        return links?.FindLast(link => link.Address == address || link.Name == address) ?? links?.LastOrDefault();
    }

    private static async Task SendAsync(ReplyLink link, ByteBuffer reply)
    {
        Interlocked.Increment(ref link.Waiting);
        try
        {
            do
            {
                await link.Sender.ReadyAsync();
            }
            while (!link.Sender.TrySend(reply));

            link.Sender.NothingToSend();
        }
        catch (Exception exception) when (exception is OperationCanceledException or AmqpException or ObjectDisposedException)
        {
            // The client has gone.
        }
        finally
        {
            Interlocked.Decrement(ref link.Waiting);
        }
    }

    private sealed class ReplyLink(string? address, string name, CreditedSender sender)
    {
        public int Waiting; // changed atomically

        public string? Address { get; } = address;

        public string Name { get; } = name;

        public CreditedSender Sender { get; } = sender;
    }
}
