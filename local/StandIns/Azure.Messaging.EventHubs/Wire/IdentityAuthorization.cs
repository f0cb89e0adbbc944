using Azure.Core;

namespace Azure.Messaging.EventHubs.Wire;

/// <summary>Gets tokens from Microsoft Entra ID, or whatever else the credential speaks to.</summary>
internal sealed class IdentityAuthorization(TokenCredential credential) : IAuthorization
{
    private static readonly string[] Scopes = ["https://eventhubs.azure.net/.default"];

    public async ValueTask<CbsToken> GetTokenAsync(string audience, CancellationToken cancellationToken)
    {
        var token = await credential.GetTokenAsync(new TokenRequestContext(Scopes), cancellationToken);
        return new CbsToken(token.Token, CbsToken.JwtType, token.ExpiresOn);
    }
}
