using Amqp;

namespace Azure.Messaging.EventHubs.Wire;

internal static class LinkExtensions
{
    private static readonly TimeSpan Timeout = TimeSpan.FromSeconds(5);

    /// <summary>A connection that fell silent is given up long before its links hear of it.</summary>
    public static bool IsOpen(this Link link) => !link.IsClosed && !link.Session.IsClosed && !link.Session.Connection.IsClosed;

    /// <summary>Ends the session of a link that has one of its own. Never throws: it may be broken already.</summary>
    public static async Task EndAsync(this Link link)
    {
        try
        {
            await link.Session.CloseAsync(Timeout);
        }
        catch (Exception)
        {
            // It was broken already.
        }
    }
}
