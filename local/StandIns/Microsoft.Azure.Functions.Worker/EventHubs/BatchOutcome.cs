namespace Microsoft.Azure.Functions.Worker.EventHubs;

internal enum BatchOutcome
{
    Succeeded,

    /// <summary>The function threw, and its retry policy, if it has one, came to an end. Officially and here the partition goes on behind the batch.</summary>
    Failed,

    /// <summary>The host stopped, or the partition went to another instance, before the batch was done with: it will be delivered again.</summary>
    Abandoned,
}
