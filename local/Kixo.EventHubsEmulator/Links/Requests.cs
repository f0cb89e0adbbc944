using System.Globalization;
using Amqp;
using Amqp.Framing;
using Amqp.Types;
using Kixo.EventHubsEmulator.Access;
using Kixo.EventHubsEmulator.Hubs;

namespace Kixo.EventHubsEmulator.Links;

/// <summary>What the nodes <c>$cbs</c> and <c>$management</c> answer.</summary>
internal static class Requests
{
    /// <summary>The .NET client casts the status description: it must be there.</summary>
    public static Message PutToken(Connection connection, Message request, Gate gate)
    {
        try
        {
            gate.Put(connection, request.ApplicationProperties?["type"] as string, request.Body as string);
            return Status(202, "Accepted");
        }
        catch (UnauthorizedAccessException exception)
        {
            return Status(401, exception.Message, ErrorCode.UnauthorizedAccess);
        }
    }

    public static Message Manage(Connection connection, Message request, HubCatalog hubs, Gate gate)
    {
        var wanted = request.ApplicationProperties;
        var entity = $"{wanted?["name"]}/$management";
        if (!gate.Admits(connection, entity))
        {
            return Status(401, Gate.Refusal(entity), ErrorCode.UnauthorizedAccess);
        }

        var hub = hubs.Find(wanted?["name"] as string);
        return (wanted?["operation"], wanted?["type"]) switch
        {
            (not "READ", _) => Status(501, "The emulator does not implement the operation: only READ.", ErrorCode.NotImplemented),
            (_, "com.microsoft:eventhub") => hub is null ? NotFound(wanted["name"]) : Found(Describe(hub)),
            (_, "com.microsoft:partition") => hub?.Find($"{wanted["partition"]}") is { } partition
                ? Found(Describe(hub, partition))
                : NotFound($"{wanted["name"]}/Partitions/{wanted["partition"]}"),
            _ => Status(501, "The emulator does not implement the type: only com.microsoft:eventhub and com.microsoft:partition.", ErrorCode.NotImplemented),
        };
    }

    private static Map Describe(Hub hub) => new()
    {
        ["name"] = hub.Name,
        ["type"] = "com.microsoft:eventhub",
        ["created_at"] = hub.CreatedAt,
        ["partition_count"] = hub.Partitions.Count,
        ["partition_ids"] = hub.Partitions.Select(partition => partition.Id).ToArray(),
    };

    private static Map Describe(Hub hub, Partition partition)
    {
        var end = partition.Log.End;
        return new()
        {
            ["name"] = hub.Name,
            ["type"] = "com.microsoft:partition",
            ["partition"] = partition.Id,
            ["begin_sequence_number"] = partition.Log.BeginSequenceNumber,
            ["last_enqueued_sequence_number"] = end.SequenceNumber,
            ["last_enqueued_offset"] = end.Offset.ToString(CultureInfo.InvariantCulture),
            ["last_enqueued_time_utc"] = DateTimeOffset.FromUnixTimeMilliseconds(end.EnqueuedMilliseconds).UtcDateTime,
            ["is_partition_empty"] = partition.Log.IsEmpty,
        };
    }

    private static Message Found(Map description)
    {
        var message = Status(200, "OK");
        message.BodySection = new AmqpValue { Value = description };
        return message;
    }

    private static Message NotFound(object? name) => Status(404, HubCatalog.NotFound($"{name}"), ErrorCode.NotFound);

    private static Message Status(int code, string description, string? condition = null)
    {
        var message = new Message { ApplicationProperties = new() };
        message.ApplicationProperties["status-code"] = code;
        message.ApplicationProperties["status-description"] = description;
        if (condition is not null)
        {
            message.ApplicationProperties["error-condition"] = new Symbol(condition);
        }

        return message;
    }
}
