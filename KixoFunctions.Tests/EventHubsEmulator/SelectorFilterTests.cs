using Amqp;
using Kixo.EventHubsEmulator.Links;
using Kixo.EventHubsEmulator.Storage;

namespace Kixo.Tests.EventHubsEmulator;

public sealed class SelectorFilterTests
{
    [Theory]
    [InlineData("amqp.annotation.x-opt-offset > '-1'", nameof(StartAt.Beginning), 0, false)]
    [InlineData("amqp.annotation.x-opt-offset > -1", nameof(StartAt.Beginning), 0, false)]
    [InlineData("amqp.annotation.x-opt-offset > @latest", nameof(StartAt.End), 0, false)]
    [InlineData("amqp.annotation.x-opt-offset > '@latest'", nameof(StartAt.End), 0, false)]
    [InlineData("amqp.annotation.x-opt-offset >= '4711'", nameof(StartAt.Offset), 4711, true)]
    [InlineData("amqp.annotation.x-opt-sequence-number > 7", nameof(StartAt.SequenceNumber), 7, false)]
    [InlineData("amqp.annotation.x-opt-sequence-number >= '7'", nameof(StartAt.SequenceNumber), 7, true)]
    [InlineData("amqp.annotation.x-opt-enqueued-time > 1777636800000", nameof(StartAt.EnqueuedTime), 1777636800000, false)]
    public void Parse_AsClientsWriteIt(string filter, string at, long value, bool inclusive) =>
        Assert.Equal(new StartPosition(Enum.Parse<StartAt>(at), value, inclusive), SelectorFilter.Parse(filter));

    [Theory]
    [InlineData("")]
    [InlineData("amqp.annotation.x-opt-offset < 3")]
    [InlineData("amqp.annotation.x-opt-colour > 3")]
    [InlineData("amqp.annotation.x-opt-offset > three")]
    public void Parse_SomethingElse_IsRefused(string filter) =>
        Assert.Equal(ErrorCode.InvalidField, Assert.Throws<AmqpException>(() => SelectorFilter.Parse(filter)).Error.Condition.ToString());
}
