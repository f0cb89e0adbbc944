using Azure.Messaging.EventHubs;
using Kixo.Persistence;
using Kixo.Tests.Support;

namespace Kixo.Tests.Persistence;

public sealed class DeadLetterTests
{
    public static readonly TheoryData<object?> Values =
    [
        "text", "", true, 'x', (sbyte)-1, (byte)1, (short)-2, (ushort)2, -3, 3u, -4L, 4UL, 1.5f, 0.1, 1.10m, Guid.Empty, TimeSpan.FromTicks(1),
        Some.Time, new DateTimeOffset(Some.Time).AddTicks(1), new Uri("/a?b", UriKind.Relative), (byte[])[0, 255], null,
    ];

    [Fact]
    public void What_comes_back_is_the_message_that_came()
    {
        var chunk = Some.Chunk(Some.Lines(3));
        var sent = chunk.ToMessage();
        var received = EventHubsModelFactory.EventData(sent.EventBody, sent.Properties, partitionKey: Some.Project, sequenceNumber: 7, enqueuedTime: new(Some.Time));
        received.ContentType = sent.ContentType;
        received.MessageId = sent.MessageId;
        received.CorrelationId = "c";

        var letter = DeadLetter.Parse(DeadLetter.Of(received, "3", "Why not.").ToJson());
        var again = letter.ToMessage();

        Assert.Equal(("events/3/20260408T120000.000Z-7", "Why not.", Some.Project), (letter.BlobName, letter.Reason, letter.PartitionKey));
        Assert.Equal((sent.ContentType, sent.MessageId, "c"), (again.ContentType, again.MessageId, again.CorrelationId));
        Assert.Equal(sent.Properties, again.Properties);
        Assert.Equal(chunk.Body.ToArray(), EventChunk.FromMessage(again).Chunk!.Body.ToArray());
    }

    [Theory]
    [MemberData(nameof(Values))]
    public void Properties_keep_their_types(object? value) => Assert.Equal(value, TypedValue.Of(value).ToObject());

    [Fact]
    public void A_value_of_another_type_is_kept_as_text() => Assert.Equal("1.2", TypedValue.Of(new Version(1, 2)).ToObject());

    [Fact]
    public void A_body_that_is_no_data_is_told_apart()
    {
        var message = new EventData(new Azure.Core.Amqp.AmqpAnnotatedMessage(Azure.Core.Amqp.AmqpMessageBody.FromValue("text")));

        var letter = DeadLetter.Parse(DeadLetter.Of(message, "3", "Why not.").ToJson());

        Assert.Null(letter.Body);
        Assert.Throws<InvalidOperationException>(letter.ToMessage);
    }
}
