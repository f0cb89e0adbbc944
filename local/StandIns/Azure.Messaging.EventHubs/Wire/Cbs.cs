using Amqp;
using Amqp.Framing;

namespace Azure.Messaging.EventHubs.Wire;

/// <summary>Claims-based security: puts tokens on the connection, and renews each before it expires.</summary>
internal sealed class Cbs(RequestLink requests, IAuthorization authorization, TimeProvider clock, CancellationToken connectionClosed)
{
    private static readonly TimeSpan Margin = TimeSpan.FromMinutes(5);
    private static readonly TimeSpan ShortestPause = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan LongestPause = TimeSpan.FromDays(1);
    private readonly Dictionary<string, Task> _renewals = [];

    /// <summary>Called with the connection's gate held: one at a time.</summary>
    public async Task AuthorizeAsync(string audience, CancellationToken cancellationToken)
    {
        if (!_renewals.ContainsKey(audience))
        {
            var expiresOn = await PutTokenAsync(audience, cancellationToken);
            _renewals[audience] = RenewAsync(audience, expiresOn);
        }
    }

    private async Task RenewAsync(string audience, DateTimeOffset expiresOn)
    {
        try
        {
            while (true)
            {
                var left = expiresOn - clock.GetUtcNow();
                var pause = left > 2 * Margin ? left - Margin : left / 2;
                pause = TimeSpan.FromTicks(Math.Clamp(pause.Ticks, ShortestPause.Ticks, LongestPause.Ticks));
                await Task.Delay(pause, clock, connectionClosed);
                try
                {
                    expiresOn = await PutTokenAsync(audience, connectionClosed);
                }
                catch (Exception) when (!connectionClosed.IsCancellationRequested)
                {
                    // Tried again after a pause. If it stays so, the service closes the links, and opening them anew says why.
                }
            }
        }
        catch (OperationCanceledException)
        {
            // The connection is gone, and its tokens with it.
        }
    }

    private async Task<DateTimeOffset> PutTokenAsync(string audience, CancellationToken cancellationToken)
    {
        var token = await authorization.GetTokenAsync(audience, cancellationToken);
        var request = new Message
        {
            ApplicationProperties = new ApplicationProperties
            {
                ["operation"] = "put-token",
                ["type"] = token.Type,
                ["name"] = audience,
                ["expiration"] = token.ExpiresOn.UtcDateTime,
            },
            BodySection = new AmqpValue { Value = token.Value },
        };
        await requests.RequestAsync(request, cancellationToken);
        return token.ExpiresOn;
    }
}
