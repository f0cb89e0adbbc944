using Amqp;
using Amqp.Types;
using static Kixo.Tests.EventHubsEmulator.AmqpClient;

namespace Kixo.Tests.EventHubsEmulator;

public sealed class ManagementTests : EmulatorTest
{
    [Fact]
    public async Task Management_Hub_NamesItsPartitions()
    {
        var reply = await ReadAsync("com.microsoft:eventhub", "events");

        var hub = Assert.IsType<Map>(reply.Body);
        Assert.Equal("events", hub["name"]);
        Assert.Equal(2, hub["partition_count"]);
        Assert.Equal(["0", "1"], Assert.IsType<string[]>(hub["partition_ids"]));
        Assert.IsType<DateTime>(hub["created_at"]);
    }

    [Fact]
    public async Task Management_Partition_TellsItsEnd()
    {
        var empty = (Map)(await ReadAsync("com.microsoft:partition", "events", "1")).Body;
        await Client.SendAsync("events/Partitions/1", Event([1]), Event([2]));
        var filled = (Map)(await ReadAsync("com.microsoft:partition", "events", "1")).Body;

        Assert.Equal((true, -1L, "-1"), (empty["is_partition_empty"], empty["last_enqueued_sequence_number"], empty["last_enqueued_offset"]));
        Assert.Equal((false, 0L, 1L), (filled["is_partition_empty"], filled["begin_sequence_number"], filled["last_enqueued_sequence_number"]));
        var last = (await Client.ReceiveAsync(Reader + "1", 2))[1].MessageAnnotations;
        Assert.Equal(last[new Symbol("x-opt-offset")], filled["last_enqueued_offset"]);
        Assert.Equal(last[new Symbol("x-opt-enqueued-time")], filled["last_enqueued_time_utc"]);
    }

    [Fact]
    public async Task Management_UnknownHub_IsNotFound()
    {
        var reply = await ReadAsync("com.microsoft:eventhub", "nope");

        Assert.Equal(404, reply.ApplicationProperties["status-code"]);
        Assert.Matches("The messaging entity .* could not be found", (string)reply.ApplicationProperties["status-description"]);
    }

    [Theory]
    [InlineData("DELETE", "com.microsoft:eventhub")]
    [InlineData("READ", "com.microsoft:schema")]
    public async Task Management_WhatTheEmulatorLacks_IsNotImplemented(string operation, string type)
    {
        var reply = await Client.RequestAsync("$management", ("operation", operation), ("type", type), ("name", "events"));

        Assert.Equal(501, reply.ApplicationProperties["status-code"]);
        Assert.Equal(ErrorCode.NotImplemented, reply.ApplicationProperties["error-condition"].ToString());
        Assert.Contains("does not implement", (string)reply.ApplicationProperties["status-description"], StringComparison.Ordinal);
    }
}
