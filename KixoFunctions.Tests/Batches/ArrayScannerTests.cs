using System.Text;
using System.Text.Json;
using CsCheck;
using Kixo.Batches;
using Kixo.Tests.Support;

namespace Kixo.Tests.Batches;

public sealed class ArrayScannerTests
{
    [Fact]
    public void Any_array_is_measured_as_a_parser_would() =>
        Gen.Select(Some.JsonArray, Some.JsonString).Sample((array, behind) =>
        {
            using var parsed = JsonDocument.Parse(array);

            Assert.True(ArrayScanner.TryMeasure(Encoding.UTF8.GetBytes($"{array},{behind}]"), out var length, out var count));
            Assert.Equal((Encoding.UTF8.GetByteCount(array), parsed.RootElement.GetArrayLength()), (length, count));
        });

    [Fact]
    public void No_part_of_an_array_is_an_array() =>
        Some.JsonArray.Sample(array =>
        {
            var json = Encoding.UTF8.GetBytes(array);
            for (var length = 1; length < json.Length; length++)
            {
                Assert.False(ArrayScanner.TryMeasure(json.AsSpan(0, length), out _, out _));
            }
        });

    [Fact]
    public void Random_bytes_never_throw_and_never_measure_past_their_end() =>
        Gen.OneOf("[", "]", "{", "}", ",", "\"", "\\", " ", "a").Array[0, 30].Sample(parts =>
        {
            var json = Encoding.UTF8.GetBytes("[" + string.Concat(parts));

            Assert.True(!ArrayScanner.TryMeasure(json, out var length, out _) || length <= json.Length);
        });
}
