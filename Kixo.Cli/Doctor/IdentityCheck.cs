using Azure.Core;
using Azure.Identity;
using Microsoft.Extensions.Configuration;

namespace Kixo.Cli.Doctor;

/// <summary>Asks for a token, as the app's clients do.</summary>
internal static class IdentityCheck
{
    /// <summary>Whether it is an address that is set; with a connection string, no identity is needed.</summary>
    public static bool IsNeeded(IConfiguration values, string name, string address) =>
        values[name] is not { Length: > 0 } && values[$"{name}:{address}"] is { Length: > 0 };

    public static async Task<Finding> RunAsync(string check, IConfiguration values, string name, string scope, CancellationToken cancellationToken)
    {
        try
        {
            var token = await Identities.Of(values[$"{name}:clientId"]).GetTokenAsync(new TokenRequestContext([scope]), cancellationToken);
            return Finding.Ok(check, $"There is a token until {token.ExpiresOn:u}.");
        }
        catch (Exception e) when (e is AuthenticationFailedException or OperationCanceledException or TimeoutException)
        {
            return Diagnosis.NoToken(check, e);
        }
    }
}
