using System.Runtime.CompilerServices;
using Amqp;
using Amqp.Framing;
using Amqp.Handler;

namespace Kixo.EventHubsEmulator.Wire;

/// <summary>What AMQPNetLite tells of one connection.</summary>
internal sealed class ConnectionEvents : IHandler
{
    /// <summary>The least that AMQP 1.0 allows a peer to demand; AMQPNetLite 2.5.5 would go round in circles below some 50.</summary>
    private const uint LeastMaxFrameBytes = 512;

    /// <summary>AMQPNetLite sends a sign of life as often as the peer's open says.</summary>
    private const uint LeastIdleMilliseconds = 1000;

    public Transport? Transport { get; set; }

    public bool CanHandle(EventId id) => id is EventId.ConnectionRemoteOpen or EventId.SessionLocalOpen;

    public void Handle(Event protocolEvent)
    {
        if (protocolEvent.Context is Open open)
        {
            Accept(open);
        }
        else if (protocolEvent.Context is Begin begin)
        {
            ForgetSessionOn(protocolEvent.Connection, begin.RemoteChannel);
        }
    }

    private void Accept(Open open)
    {
        if (open.MaxFrameSize < LeastMaxFrameBytes || open.IdleTimeOut is > 0 and < LeastIdleMilliseconds)
        {
            throw new AmqpException(ErrorCode.InvalidField,
                $"A connection has a max-frame-size of at least {LeastMaxFrameBytes} bytes and, if any, an idle-time-out of at least {LeastIdleMilliseconds} ms.");
        }

        Transport!.Open();
    }

    /// <summary>
    /// After a refused attach, Microsoft.Azure.Amqp begins anew on the same channel without an end; AMQPNetLite 2.5.5 would
    /// close the connection with <c>handle-in-use</c>. The listener's own begin, in answer to the client's, names the channel.
    /// </summary>
    private static void ForgetSessionOn(Connection connection, ushort channel)
    {
        var sessions = RemoteSessions(connection);
        if (channel < sessions.Length)
        {
            sessions[channel] = null;
        }
    }

    [UnsafeAccessor(UnsafeAccessorKind.Field, Name = "remoteSessions")]
    private static extern ref Session?[] RemoteSessions(Connection connection);
}
