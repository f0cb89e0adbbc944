using Azure.Core;
using Azure.Identity;

namespace Kixo;

/// <summary>As whom the app reaches Azure.</summary>
internal static class Identities
{
    /// <param name="clientId">Of a user-assigned identity: this one or none, without the search of <see cref="DefaultAzureCredential"/>. Null or empty: whatever that finds.</param>
    public static TokenCredential Of(string? clientId) => string.IsNullOrEmpty(clientId)
        ? new DefaultAzureCredential()
        : new ManagedIdentityCredential(ManagedIdentityId.FromUserAssignedClientId(clientId));
}
