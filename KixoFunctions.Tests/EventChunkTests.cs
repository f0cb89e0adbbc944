using System.Globalization;
using Azure.Core.Amqp;
using Azure.Messaging.EventHubs;
using Kixo.Tests.Support;

namespace Kixo.Tests;

public sealed class EventChunkTests
{
    [Theory]
    [InlineData("zstd")]
    [InlineData("gzip")]
    public void A_message_says_what_its_chunk_is(string encoding)
    {
        var chunk = Chunk(encoding);

        var message = chunk.ToMessage();

        Assert.Equal("application/x-ndjson", message.ContentType);
        Assert.Matches("^[0-9a-f]{32}$", message.MessageId);
        Assert.Equal(chunk.Body.ToArray(), message.EventBody.ToArray());
        Assert.Equal(
            new Dictionary<string, object>
            {
                ["schema"] = "kixo.events/1",
                ["encoding"] = encoding,
                ["project_id"] = Some.Project,
                ["environment"] = "production",
                ["event_count"] = 3,
                ["received_at"] = "2026-04-08T12:00:00.0000000Z",
            },
            message.Properties.ToDictionary());
    }

    [Fact]
    public void Each_message_has_an_id_of_its_own() => Assert.NotEqual(Chunk("zstd").ToMessage().MessageId, Chunk("zstd").ToMessage().MessageId);

    [Theory]
    [InlineData("zstd")]
    [InlineData("gzip")]
    public void FromMessage_OwnMessage_IsTheChunk(string encoding)
    {
        var chunk = Chunk(encoding);

        var (read, problem) = EventChunk.FromMessage(chunk.ToMessage());

        Assert.Null(problem);
        Assert.Equal(chunk with { Body = default }, read! with { Body = default });
        Assert.Equal(DateTimeKind.Utc, read.ReceivedAt.Kind);
        Assert.Equal(chunk.Body.ToArray(), read.Body.ToArray());
    }

    [Theory]
    [InlineData("schema", null)]
    [InlineData("schema", "kixo.events/2")]
    [InlineData("schema", 1)]
    [InlineData("encoding", null)]
    [InlineData("encoding", "ZSTD")]
    [InlineData("project_id", null)]
    [InlineData("project_id", "")]
    [InlineData("project_id", "a/b")]
    [InlineData("project_id", "..")]
    [InlineData("project_id", "a\n")]
    [InlineData("project_id", 5)]
    [InlineData("environment", null)]
    [InlineData("environment", "x/date=2026-01-01")]
    [InlineData("event_count", null)]
    [InlineData("event_count", 0)]
    [InlineData("event_count", -1)]
    [InlineData("event_count", "3")]
    [InlineData("received_at", null)]
    [InlineData("received_at", "now")]
    public void FromMessage_PropertyMissingOrWrong_NamesIt(string property, object? value)
    {
        var message = Chunk("zstd").ToMessage();
        message.Properties.Remove(property);
        if (value is not null)
        {
            message.Properties[property] = value;
        }

        var (chunk, problem) = EventChunk.FromMessage(message);

        Assert.Null(chunk);
        Assert.Contains(property, problem, StringComparison.Ordinal);
    }

    [Fact]
    public void FromMessage_ForeignMessage_IsAProblem() => Assert.NotNull(EventChunk.FromMessage(new EventData("hello")).Problem);

    [Fact]
    public void FromMessage_BodyThatIsNoData_IsAProblemAndNoException()
    {
        var message = Chunk("zstd").ToMessage();
        var value = new EventData(new AmqpAnnotatedMessage(AmqpMessageBody.FromValue("text")));
        foreach (var (name, property) in message.Properties)
        {
            value.Properties[name] = property;
        }

        Assert.Contains("body", EventChunk.FromMessage(value).Problem, StringComparison.Ordinal);
    }

    [Fact]
    public void FromMessage_TimeWithOffset_IsUtc()
    {
        var message = Chunk("zstd").ToMessage();
        message.Properties["received_at"] = "2026-04-08T14:00:00+02:00";

        Assert.Equal("2026-04-08T12:00:00.0000000Z", EventChunk.FromMessage(message).Chunk!.ReceivedAt.ToString("O", CultureInfo.InvariantCulture));
    }

    private static EventChunk Chunk(string encoding) => Some.Chunk(Some.Lines(3), encoding == "zstd" ? ChunkEncoding.Zstd : ChunkEncoding.Gzip);
}
