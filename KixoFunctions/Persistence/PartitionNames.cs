using System.IO.Hashing;
using System.Text;
using System.Text.Json;

namespace Kixo.Persistence;

/// <summary>
/// Which partition an invocation's messages are of. The host says it in the binding data, as JSON, which is not documented:
/// where it does not, the partition key stands in, since messages of one key are in one partition and keep its order.
/// </summary>
internal static class PartitionNames
{
    /// <param name="bindingData">The invocation's binding data.</param>
    /// <returns>The partition's id, or null where the host does not say it.</returns>
    public static string? IdFrom(IReadOnlyDictionary<string, object?> bindingData)
    {
        if (!bindingData.TryGetValue("PartitionContext", out var context) || context is not string { Length: > 0 } json)
        {
            return null;
        }

        try
        {
            using var document = JsonDocument.Parse(json);
            return document.RootElement.ValueKind == JsonValueKind.Object
                && document.RootElement.TryGetProperty("PartitionId", out var id) && id.GetString() is { Length: > 0 } text ? text : null;
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException)
        {
            return null;
        }
    }

    /// <summary>A name for the messages of one key, where the partition is not known; null when there is no key either.</summary>
    public static string? FromKey(string? partitionKey) => string.IsNullOrEmpty(partitionKey)
        ? null
        : $"key{XxHash64.HashToUInt64(Encoding.UTF8.GetBytes(partitionKey)):x16}";
}
