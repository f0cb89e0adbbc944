using System.Runtime.CompilerServices;
using Amqp;
using Amqp.Framing;
using Amqp.Listener;

namespace Kixo.EventHubsEmulator.Links;

/// <summary>
/// A node that answers requests: a client sends on one link and gets the answer on another of the same connection.
/// AMQPNetLite's own request processor cannot serve @azure/event-hubs, whose reply link to <c>$cbs</c> has no address.
/// </summary>
internal sealed class RequestNode(Func<Connection, Message, Message> answer)
{
    private const uint Credit = 100;

    // A connection's links are attached and its requests received on one thread at a time.
    private readonly ConditionalWeakTable<Connection, List<ReplyLink>> _replyLinks = [];

    public void OpenRequests(ListenerLink link) => link.InitializeReceiver(Credit, OnRequest, null);

    public void OpenReplies(ListenerLink link, string? address)
    {
        var links = _replyLinks.GetOrCreateValue(link.Session.Connection);
        var replyLink = new ReplyLink(address, link.Name, new CreditedSender(link));
        links.RemoveAll(old => old.Sender.Closed.IsCancellationRequested);
        links.Add(replyLink);
    }

    private void OnRequest(ListenerLink link, Message message, DeliveryState state, object user)
    {
        var request = Message.Decode(((RawMessage)message).Encoded);
        link.DisposeMessage(message, new Accepted(), settled: true);

        var reply = answer(link.Session.Connection, request);
        reply.Properties = new();
        reply.Properties.SetCorrelationId(request.Properties?.GetMessageId());
        if (_replyLinks.TryGetValue(link.Session.Connection, out var links))
        {
            var to = request.Properties?.ReplyTo;
            var target = links.FindLast(candidate => candidate.Address == to || candidate.Name == to) ?? links.LastOrDefault();
            _ = target is null ? Task.CompletedTask : SendAsync(target.Sender, reply);
        }
    }

    private static async Task SendAsync(CreditedSender sender, Message reply)
    {
        try
        {
            while (!sender.TrySend(reply))
            {
                await sender.WaitForCreditAsync();
            }
        }
        catch (Exception exception) when (exception is OperationCanceledException or AmqpException or ObjectDisposedException)
        {
            // The client has gone.
        }
    }

    private sealed record ReplyLink(string? Address, string Name, CreditedSender Sender);
}
