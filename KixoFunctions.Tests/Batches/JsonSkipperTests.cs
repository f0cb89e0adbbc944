using System.Text;
using System.Text.Json;
using System.Text.Unicode;
using CsCheck;
using Kixo.Batches;
using Kixo.Tests.Support;

namespace Kixo.Tests.Batches;

public sealed class JsonSkipperTests
{
    private const int Depth = 5;

    // What grammars are broken with: structure, signs, ends of words, controls, and text of several bytes.
    private const string Pieces = "{}[]:,\"\\/ \t\r\n\u0001\u007fé😀truefalsn-+.eE0123456789u00d8";

    private static readonly Gen<string> Changed = Gen.Select(Some.Json, Gen.Select(Gen.Double[0, 1], Gen.Int[0, 3], Gen.Char[Pieces].Array[0, 3]).Array[0, 3])
        .Select((json, changes) => changes.Aggregate(json, (text, change) =>
        {
            var (place, removed, inserted) = change;
            var at = (int)(place * text.Length);
            return $"{text[..at]}{new string(inserted)}{text[Math.Min(text.Length, at + removed)..]}";
        }));

    [Fact]
    public void Takes_and_refuses_what_the_reader_of_dotnet_does()
    {
        var taken = 0;
        Changed.Sample(
            text =>
            {
                var json = Encoding.UTF8.GetBytes(text);
                var expected = Utf8.IsValid(json) && IsTakenByReader(json);
                Interlocked.Add(ref taken, expected ? 1 : 0);
                return IsTaken(json) == expected;
            },
            iter: 200_000,
            print: text => text);

        Assert.InRange(taken, 10_000, 190_000);
    }

    [Theory]
    [InlineData("[[[[[]]]]]", true)]
    [InlineData("[[[[[[]]]]]]", false)]
    [InlineData("""[[[[{"a":{}}]]]]""", false)]
    public void As_deep_as_it_may(string json, bool isTaken) => Assert.Equal(isTaken, IsTaken(Encoding.UTF8.GetBytes(json)));

    private static bool IsTaken(byte[] json)
    {
        try
        {
            return JsonSkipper.SkipSpace(json, JsonSkipper.SkipValue(json, JsonSkipper.SkipSpace(json, 0), Depth)) == json.Length;
        }
        catch (JsonException)
        {
            return false;
        }
    }

    private static bool IsTakenByReader(byte[] json)
    {
        var reader = new Utf8JsonReader(json, new JsonReaderOptions { MaxDepth = Depth });
        try
        {
            while (reader.Read())
            {
            }

            return true;
        }
        catch (JsonException)
        {
            return false;
        }
    }
}
