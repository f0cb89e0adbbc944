using System.Globalization;

namespace Azure.Messaging.EventHubs.Wire;

/// <summary>Passes on a signature that was made elsewhere. When it ends, so does the right to use the hub.</summary>
internal sealed class SignatureAuthorization(AzureSasCredential credential) : IAuthorization
{
    public ValueTask<CbsToken> GetTokenAsync(string audience, CancellationToken cancellationToken)
    {
        var signature = credential.Signature;
        return new ValueTask<CbsToken>(new CbsToken(signature, CbsToken.SasType, Expiry(signature)));
    }

    private static DateTimeOffset Expiry(string signature)
    {
        foreach (var part in signature.Split(['&', ' ']))
        {
            if (part.StartsWith("se=", StringComparison.Ordinal)
                && long.TryParse(part.AsSpan(3), NumberStyles.None, CultureInfo.InvariantCulture, out var seconds)
                && seconds < DateTimeOffset.MaxValue.ToUnixTimeSeconds())
            {
                return DateTimeOffset.FromUnixTimeSeconds(seconds);
            }
        }

        return DateTimeOffset.MaxValue;
    }
}
