using System.Globalization;
using System.Security.Cryptography;
using System.Text;

namespace Azure.Messaging.EventHubs.Wire;

/// <summary>Signs tokens with a shared access key.</summary>
internal sealed class KeyAuthorization(AzureNamedKeyCredential credential, TimeProvider clock) : IAuthorization
{
    private static readonly TimeSpan Lifetime = TimeSpan.FromMinutes(30);

    public ValueTask<CbsToken> GetTokenAsync(string audience, CancellationToken cancellationToken)
    {
        var (name, key) = credential;
        var expiresOn = clock.GetUtcNow() + Lifetime;
        var resource = Uri.EscapeDataString(audience);
        var expiry = expiresOn.ToUnixTimeSeconds().ToString(CultureInfo.InvariantCulture);
        var signature = HMACSHA256.HashData(Encoding.UTF8.GetBytes(key), Encoding.UTF8.GetBytes($"{resource}\n{expiry}"));
        var token = $"SharedAccessSignature sr={resource}&sig={Uri.EscapeDataString(Convert.ToBase64String(signature))}&se={expiry}&skn={Uri.EscapeDataString(name)}";
        return new ValueTask<CbsToken>(new CbsToken(token, CbsToken.SasType, expiresOn));
    }
}
