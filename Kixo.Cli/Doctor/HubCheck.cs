using Microsoft.Extensions.Configuration;

namespace Kixo.Cli.Doctor;

/// <summary>Asks the hub for its properties, as the app's readiness does.</summary>
internal static class HubCheck
{
    private const string Check = $"event hub {EventChunk.Hub}";

    public static async Task<Finding> RunAsync(IConfiguration values, CancellationToken cancellationToken)
    {
        var where = values["EventHub:fullyQualifiedNamespace"] is { Length: > 0 } address ? address : "the namespace of setting 'EventHub'";
        try
        {
            await using var producer = AzureClients.Producer(values);
            var hub = await producer.GetEventHubPropertiesAsync(cancellationToken).WaitAsync(cancellationToken);
            return Finding.Ok(Check, $"It answers, with {hub.PartitionIds.Length} partitions.");
        }
        catch (Exception e)
        {
            return Diagnosis.Of(
                e, Check, where, $"Make a hub named '{EventChunk.Hub}' in it: infra/main.bicep does.",
                "'Azure Event Hubs Data Sender' and 'Azure Event Hubs Data Receiver'");
        }
    }
}
