using System.Text;
using Kixo.Batches;
using Kixo.Functions;
using Kixo.RateLimiting;
using Microsoft.AspNetCore.Http;

namespace Kixo.Tests.Functions;

public sealed class AnswerTests
{
    private static readonly Permit SomePermit = new(Granted: true, Limit: 100, Left: 42, TimeSpan.FromMilliseconds(300), Second: 0, Number: 0);

    [Fact]
    public async Task Every_event_accepted_is_200() =>
        Assert.Equal((200, """{"status":"ok","accepted":1000}"""), await BodyOf(Answer.Accepted(Lines(1000, 0))));

    [Fact]
    public async Task Some_events_accepted_is_200_with_the_others_errors() =>
        Assert.Equal(
            (200, """{"status":"ok","accepted":999,"rejected":1,"errors":[{"index":3,"field":"timestamp","code":"invalid_timestamp","message":"events[3].timestamp: expected."},{"index":4,"code":"invalid_type","message":"events[4]: expected."}]}"""),
            await BodyOf(Answer.Accepted(Lines(999, 1, FieldError.At(3, "timestamp", "invalid_timestamp", "expected."), FieldError.At(4, null, "invalid_type", "expected.")))));

    [Theory]
    [InlineData(BatchProblem.MalformedJson, 400, "")]
    [InlineData(BatchProblem.InvalidBatch, 400, "")]
    [InlineData(BatchProblem.PayloadTooLarge, 413, "")]
    [InlineData(BatchProblem.UnsupportedEncoding, 415, "")]
    [InlineData(BatchProblem.TooManyEvents, 429, ",\"max_events\":1000")]
    public async Task A_body_that_is_refused_is_not_to_be_sent_again(string code, int status, string more)
    {
        var response = await ExecuteAsync(Answer.Refused(new(code, "Why.")));

        Assert.Equal((status, $$"""{"status":"error","code":"{{code}}","message":"Why.","retryable":false{{more}}}"""), (response.Status, response.Body));
        Assert.False(response.Headers.ContainsKey("Retry-After"));
    }

    [Fact]
    public async Task Errors_of_the_envelope_have_no_index() =>
        Assert.Equal(
            (400, """{"status":"error","code":"invalid_batch","message":"platform: is required.","retryable":false,"errors":[{"field":"platform","code":"missing_field","message":"platform: is required."}]}"""),
            await BodyOf(Answer.Refused(BatchProblem.OfFields([FieldError.At(null, "platform", FieldError.MissingField, "is required.")]))));

    [Fact]
    public async Task Refusals_that_no_retry_helps_have_their_status_and_code()
    {
        Assert.Equal(
            (415, """{"status":"error","code":"unsupported_media_type","message":"Content-Type: expected application/json.","retryable":false}"""),
            await BodyOf(Answer.UnsupportedMediaType()));
        Assert.Equal(
            (401, """{"status":"error","code":"invalid_api_key","message":"project_id and api_key do not belong together, or the key is not valid any more.","retryable":false}"""),
            await BodyOf(Answer.InvalidApiKey()));
        Assert.Equal(
            (403, """{"status":"error","code":"not_allowed","message":"Why.","retryable":false}"""), await BodyOf(Answer.NotAllowed("Why.")));
    }

    [Fact]
    public async Task Too_many_requests_may_come_again_in_the_next_second()
    {
        var response = await ExecuteAsync(Answer.RateLimited(new(Granted: false, 100, 0, TimeSpan.FromMilliseconds(300), Second: 0, Number: 0)));

        Assert.Equal(
            (429, """{"status":"error","code":"rate_limited","message":"Over 100 requests in this second for this project. Retry later.","retryable":true}"""),
            (response.Status, response.Body));
        Assert.Equal("1", response.Headers.RetryAfter);
    }

    [Fact]
    public async Task What_was_not_stored_is_to_be_sent_again()
    {
        var response = await ExecuteAsync(Answer.Unavailable());

        Assert.Equal(
            (503, """{"status":"error","code":"unavailable","message":"The batch could not be stored just now. Send it again: nothing was lost.","retryable":true}"""),
            (response.Status, response.Body));
        Assert.Equal("2", response.Headers.RetryAfter);
    }

    [Fact]
    public async Task An_answer_with_a_permit_says_what_is_left()
    {
        var headers = (await ExecuteAsync(Answer.Unavailable().With(SomePermit))).Headers;

        Assert.Equal("\"project\";q=100;w=1", headers["RateLimit-Policy"]);
        Assert.Equal("\"project\";r=42;t=1", headers["RateLimit"]);
    }

    [Fact]
    public async Task An_answer_without_a_permit_says_nothing_of_it()
    {
        var headers = (await ExecuteAsync(Answer.InvalidApiKey())).Headers;

        Assert.False(headers.ContainsKey("RateLimit-Policy"));
        Assert.False(headers.ContainsKey("RateLimit"));
    }

    [Fact]
    public async Task An_answer_is_JSON_with_its_length()
    {
        var response = await ExecuteAsync(Answer.InvalidApiKey());

        Assert.Equal(("application/json", response.Body.Length), (response.Headers.ContentType, response.Headers.ContentLength));
    }

    private static EventLines Lines(int accepted, int rejected, params FieldError[] errors) => new(new PooledBuffer(1), accepted, rejected, [], errors);

    private static async Task<(int Status, string Body)> BodyOf(Answer answer)
    {
        var (status, _, body) = await ExecuteAsync(answer);
        return (status, body);
    }

    private static async Task<(int Status, IHeaderDictionary Headers, string Body)> ExecuteAsync(Answer answer)
    {
        using var body = new MemoryStream();
        var context = new DefaultHttpContext { Response = { Body = body } };
        await answer.ExecuteAsync(context);
        await context.Response.BodyWriter.FlushAsync();
        return (context.Response.StatusCode, context.Response.Headers, Encoding.UTF8.GetString(body.ToArray()));
    }
}
