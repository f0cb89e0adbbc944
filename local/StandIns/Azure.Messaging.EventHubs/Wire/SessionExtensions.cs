using Amqp;

namespace Azure.Messaging.EventHubs.Wire;

internal static class SessionExtensions
{
    private static readonly TimeSpan Timeout = TimeSpan.FromSeconds(5);

    /// <summary>Ends the session and the links in it. Never throws: it may be broken already.</summary>
    public static async Task EndAsync(this Session session)
    {
        try
        {
            await session.CloseAsync(Timeout);
        }
        catch (Exception)
        {
            // It was broken already.
        }
    }
}
