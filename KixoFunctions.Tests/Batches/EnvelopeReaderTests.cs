using System.Text;
using CsCheck;
using Kixo.Batches;
using Kixo.Tests.Support;

namespace Kixo.Tests.Batches;

public sealed class EnvelopeReaderTests
{
    private static readonly string[] Members =
    [
        $"\"project_id\":\"{Some.Project}\"", $"\"api_key\":\"{Some.Key}\"", "\"bundle_id\":\"com.example.app\"", "\"platform\":\"ios\"",
        "\"environment\":\"staging\"", "\"sent_at\":\"2026-04-08T14:00:00+02:00\"", $"\"batch\" : [ {Some.Event()} , 2 ]",
        "\"unknown\":{\"batch\":[1,2,3]}", "\"more\":[[]]",
    ];

    [Fact]
    public void Members_may_stand_in_any_order() =>
        Gen.Shuffle(Members).Sample(members =>
        {
            var body = Encoding.UTF8.GetBytes($"{{{string.Join(", ", members)}}}");

            var envelope = Good(body);

            Assert.Equal(
                new BatchEnvelope
                {
                    ProjectId = Some.Project,
                    ApiKey = Some.Key,
                    BundleId = "com.example.app",
                    Platform = "ios",
                    Environment = "staging",
                    SentAt = Some.Time,
                    Events = envelope.Events,
                    EventCount = 2,
                },
                envelope);
            Assert.Equal($"[ {Some.Event()} , 2 ]", Encoding.UTF8.GetString(body[envelope.Events]));
        });

    [Fact]
    public void Environment_and_sent_at_may_be_left_out_or_null()
    {
        var absent = Good(Some.Body());
        var nulls = Good(Some.Body(("environment", "null"), ("sent_at", "null")));

        Assert.Equal(("production", null), (absent.Environment, absent.SentAt));
        Assert.Equal(("production", null), (nulls.Environment, nulls.SentAt));
    }

    [Fact]
    public void Text_is_unescaped() => Assert.Equal("com.é😀", Good(Some.Body(("bundle_id", @"""com.\u00e9\ud83d\ude00"""))).BundleId);

    [Theory]
    [InlineData("project_id")]
    [InlineData("api_key")]
    [InlineData("bundle_id")]
    [InlineData("platform")]
    [InlineData("batch")]
    public void Read_RequiredMemberMissing_NamesIt(string name) =>
        Assert.Equal((name, FieldError.MissingField, $"{name}: is required."), OnlyError(Some.Body((name, null))));

    [Theory]
    [InlineData("project_id", "7", FieldError.InvalidType)]
    [InlineData("project_id", "\"\"", FieldError.InvalidValue)]
    [InlineData("api_key", "{\"a\":[]}", FieldError.InvalidType)]
    [InlineData("bundle_id", "null", FieldError.InvalidType)]
    [InlineData("bundle_id", @"""\ud83d""", FieldError.InvalidValue)]
    [InlineData("platform", "\"windows\"", FieldError.InvalidValue)]
    [InlineData("platform", "\"Web\"", FieldError.InvalidValue)]
    [InlineData("environment", "\"test\"", FieldError.InvalidValue)]
    [InlineData("environment", "[]", FieldError.InvalidType)]
    [InlineData("sent_at", "\"yesterday\"", FieldError.InvalidTimestamp)]
    [InlineData("sent_at", "1775649600", FieldError.InvalidType)]
    [InlineData("batch", "{\"a\":1}", FieldError.InvalidType)]
    [InlineData("batch", "null", FieldError.InvalidType)]
    [InlineData("batch", "[]", FieldError.InvalidValue)]
    [InlineData("batch", "[ \n ]", FieldError.InvalidValue)]
    public void Read_MemberWrong_NamesIt(string name, string json, string code)
    {
        var error = OnlyError(Some.Body((name, json)));

        Assert.Equal((name, code), (error.Field, error.Code));
    }

    [Theory]
    [InlineData("a", 256, true)]
    [InlineData("a", 257, false)]
    [InlineData("😀", 256, true)]
    [InlineData("😀", 257, false)]
    [InlineData(@"\u00e9", 256, true)]
    [InlineData(@"\ud83d\ude00", 256, true)]
    [InlineData(@"\ud83d\ude00", 257, false)]
    [InlineData(@"\u0061", 5_000, false)]
    public void An_id_has_up_to_256_code_points(string character, int count, bool good)
    {
        var body = Some.Body(("bundle_id", $"\"{string.Concat(Enumerable.Repeat(character, count))}\""));

        Assert.Equal(good ? null : FieldError.TooLong, EnvelopeReader.Read(body).Problem?.Errors?.Single().Code);
    }

    [Theory]
    [InlineData("project_id", "\"other\"")]
    [InlineData("environment", "\"staging\"")]
    [InlineData("batch", "[1]")]
    public void Read_MemberTwice_NamesIt(string name, string json)
    {
        var body = Encoding.UTF8.GetString(Some.Body(("environment", "\"staging\"")));

        var error = OnlyError(Encoding.UTF8.GetBytes($"{body[..^1]},\"{name}\":{json}}}"));

        Assert.Equal((name, FieldError.DuplicateField), (error.Field, error.Code));
    }

    [Fact]
    public void Every_wrong_member_is_named()
    {
        var (_, problem) = EnvelopeReader.Read(Some.Body(("api_key", null), ("platform", "1"), ("batch", "[]")));

        Assert.Equal(["platform", "batch", "api_key"], problem!.Errors!.Select(error => error.Field));
    }

    [Fact]
    public void Unknown_members_may_be_anything_even_twice_and_named_with_half_a_surrogate_pair() =>
        Good(Encoding.UTF8.GetBytes(Encoding.UTF8.GetString(Some.Body())[..^1] + @",""x"":1,""x"":[{}],""\ud83d\ud83d"":2}"));

    [Fact]
    public void Members_are_known_by_their_unescaped_name() =>
        Assert.Equal("ios", Good(Some.Body(("platform", null), (@"pl\u0061tform", "\"ios\""))).Platform);

    [Fact]
    public void Events_are_counted_not_bounded() =>
        Assert.Equal(1_001, Good(Some.Batch([.. Enumerable.Repeat(Some.Event(), 1_001)])).EventCount);

    [Theory]
    [InlineData("", "is not valid JSON: line 1, byte 1.")]
    [InlineData("[]", "is not a JSON object: line 1, byte 1.")]
    [InlineData("7", "is not a JSON object: line 1, byte 1.")]
    [InlineData("{\"a\":1", "is not valid JSON: line 1, byte 7.")]
    [InlineData("{\"a\":1,}", "is not valid JSON: line 1, byte 8.")]
    [InlineData("{\n  \"a\": tru\n}", "is not valid JSON: line 2, byte 11.")]
    [InlineData("{\"a\":1} {", "is not valid JSON: line 1, byte 9.")]
    [InlineData("{\"batch\":[1,\n2", "is not valid JSON: line 2, byte 2.")]
    [InlineData("{\"batch\":[}", "is not valid JSON: line 1, byte 11.")]
    [InlineData("{\"batch\":[{]}", "is not valid JSON: line 1, byte 12.")]
    [InlineData("// none\n{}", "is not valid JSON: line 1, byte 1.")]
    public void Read_NotJson_SaysWhere(string body, string expected) =>
        Assert.Equal(new BatchProblem(BatchProblem.MalformedJson, $"The body {expected}"), EnvelopeReader.Read(Encoding.UTF8.GetBytes(body)).Problem);

    [Fact]
    public void Read_NotUtf8_SaysWhere()
    {
        byte[] body = [.. "{\n\"é\":\""u8, 0xC3, 0x28, .. "\"}"u8];

        Assert.Equal(
            new BatchProblem(BatchProblem.MalformedJson, "The body is not UTF-8: line 2, byte 7."), EnvelopeReader.Read(body).Problem);
    }

    [Fact]
    public void A_body_nests_up_to_32_levels()
    {
        Good(Some.Body(("unknown", Nested(31))));

        var problem = EnvelopeReader.Read(Some.Body(("unknown", Nested(32)))).Problem;

        Assert.Equal(BatchProblem.MalformedJson, problem!.Code);
        Assert.Contains("nests deeper than 32 levels", problem.Message, StringComparison.Ordinal);

        static string Nested(int levels) => new string('[', levels) + new string(']', levels);
    }

    [Fact]
    public void What_is_wrong_is_never_answered_nor_printed_with_the_key()
    {
        var (_, problem) = EnvelopeReader.Read(Some.Body(("platform", $"\"{Some.Key}\""), ("api_key", $"[\"{Some.Key}\"]")));

        Assert.DoesNotContain(Some.Key, string.Concat(problem!.Errors!), StringComparison.Ordinal);
        Assert.DoesNotContain(Some.Key, Good(Some.Body()).ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public void Of_a_field_that_is_wrong_400_000_times_a_hundred_findings_are_kept()
    {
        var body = Encoding.UTF8.GetBytes($"{{{string.Join(',', Enumerable.Repeat("\"batch\":0", 400_000))}}}");

        var before = GC.GetAllocatedBytesForCurrentThread();
        var (_, problem) = EnvelopeReader.Read(body);

        Assert.Equal(BatchLimits.MaxReportedErrors, problem!.Errors!.Count);
        Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 0, 100_000);
    }

    private static BatchEnvelope Good(byte[] body)
    {
        var (envelope, problem) = EnvelopeReader.Read(body);
        Assert.Null(problem);
        return envelope!;
    }

    private static (string? Field, string Code, string Message) OnlyError(byte[] body)
    {
        var (envelope, problem) = EnvelopeReader.Read(body);
        Assert.Null(envelope);
        Assert.Equal(BatchProblem.InvalidBatch, problem!.Code);
        var error = Assert.Single(problem.Errors!);
        Assert.Null(error.Index);
        Assert.Equal(problem.Message, error.Message);
        Assert.StartsWith($"{error.Field}: ", error.Message, StringComparison.Ordinal);
        return (error.Field, error.Code, error.Message);
    }

    [Fact]
    public void Read_BodyOf4MiB_AllocatesForTheEnvelopeOnly()
    {
        var body = Some.Batch([.. Enumerable.Repeat(Some.Event(("filling", $"\"{new string('x', 4_000)}\"")), 1_000)]);
        EnvelopeReader.Read(body);

        var before = GC.GetAllocatedBytesForCurrentThread();
        var (envelope, _) = EnvelopeReader.Read(body);
        var allocated = GC.GetAllocatedBytesForCurrentThread() - before;

        Assert.Equal(1_000, envelope!.EventCount);
        Assert.InRange(body.Length, 4_000_000, BatchLimits.MaxBodyBytes);
        Assert.InRange(allocated, 0, 1_024);
    }
}
