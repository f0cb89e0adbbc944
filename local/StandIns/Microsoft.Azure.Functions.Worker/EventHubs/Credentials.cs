using Azure.Identity;
using Microsoft.Extensions.Configuration;

namespace Microsoft.Azure.Functions.Worker.EventHubs;

internal static class Credentials
{
    /// <summary>The identity of a connection by settings; <c>{name}__clientId</c> names a user-assigned one.</summary>
    public static DefaultAzureCredential For(IConfigurationSection connection) =>
        new(new DefaultAzureCredentialOptions { ManagedIdentityClientId = connection["clientId"] });
}
