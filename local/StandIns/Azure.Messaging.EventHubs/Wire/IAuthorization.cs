namespace Azure.Messaging.EventHubs.Wire;

internal interface IAuthorization
{
    ValueTask<CbsToken> GetTokenAsync(string audience, CancellationToken cancellationToken);
}
