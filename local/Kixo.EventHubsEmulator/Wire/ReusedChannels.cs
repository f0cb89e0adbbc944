using System.Runtime.CompilerServices;
using Amqp;
using Amqp.Framing;
using Amqp.Handler;

namespace Kixo.EventHubsEmulator.Wire;

/// <summary>
/// After a refused attach, Microsoft.Azure.Amqp begins anew on the same channel without an end; AMQPNetLite 2.5.5 would
/// close the connection with <c>handle-in-use</c>. This forgets the old session first.
/// </summary>
internal sealed class ReusedChannels : IHandler
{
    public bool CanHandle(EventId id) => id is EventId.SessionLocalOpen;

    public void Handle(Event protocolEvent)
    {
        // The listener's own begin, sent in answer to the client's, names the client's channel.
        var channel = ((Begin)protocolEvent.Context).RemoteChannel;
        var sessions = RemoteSessions(protocolEvent.Connection);
        if (channel < sessions.Length)
        {
            sessions[channel] = null;
        }
    }

    [UnsafeAccessor(UnsafeAccessorKind.Field, Name = "remoteSessions")]
    private static extern ref Session?[] RemoteSessions(Connection connection);
}
