using System.Text;
using CsCheck;
using Kixo.Batches;
using Kixo.Cli.Load;
using Kixo.Tests.Support;
using Microsoft.Extensions.Options;

namespace Kixo.Tests.Cli.Load;

public sealed class LoadEventsTests
{
    private const string Run = "aB3xyZ";

    [Theory]
    [InlineData(nameof(LoadCompression.None))]
    [InlineData(nameof(LoadCompression.Gzip))]
    [InlineData(nameof(LoadCompression.Zstd))]
    public async Task A_body_is_a_batch_whose_events_are_all_accepted_under_their_numbers(string compression)
    {
        var options = new LoadOptions([], 1, 200, TimeSpan.FromSeconds(1), 1, Enum.Parse<LoadCompression>(compression), "staging", TimeSpan.FromSeconds(1));
        var bodies = new BatchBodies(options, Run, Some.Time);
        var events = bodies.Rent();
        _ = bodies.Create(new(Some.Project, Some.Key), events, 1, Some.Time);
        using var content = bodies.Create(new(Some.Project, Some.Key), events, 0xBEEF, Some.Time);

        var encoding = string.Concat(content.Headers.ContentEncoding);
        var (body, problem) = await BodyReader.ReadAsync(await content.ReadAsStreamAsync(), encoding, content.Headers.ContentLength, CancellationToken.None);
        Assert.Null(problem);
        using (body)
        {
            var (envelope, _) = EnvelopeReader.Read(body!.Written.Span);
            Assert.Equal((Some.Project, Some.Key, "staging"), (envelope!.ProjectId, envelope.ApiKey, envelope.Environment));
            using var lines = new EventReader(TimeProvider.System, Options.Create(new BatchOptions())).Read(body.Written.Span, envelope).Lines!;
            Assert.Equal(200, lines.Accepted);
            var ids = Encoding.UTF8.GetString(lines.Lines.Span).Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(line => line.Split('"')[3]);
            Assert.Equal(Enumerable.Range(0, 200).Select(index => (0xBEEF, index)), ids.Select(Number));
        }
    }

    [Fact]
    public void TryParse_AnIdOfAnotherRunOrKind_IsNone() =>
        Gen.OneOf(Gen.String, Gen.Int.Select(n => $"other0{n:x8}0001"), Gen.Int.Select(n => $"{Run}{n:x7}g0001")).Sample(text =>
            Assert.False(LoadEventId.TryParse(Encoding.UTF8.GetBytes(text), Encoding.ASCII.GetBytes(Run), out _, out _)));

    private static (int, int) Number(string id)
    {
        Assert.True(LoadEventId.TryParse(Encoding.ASCII.GetBytes(id), Encoding.ASCII.GetBytes(Run), out var batch, out var index));
        return (batch, index);
    }
}
