using System.Globalization;

namespace Kixo.Cli.Load;

/// <summary>
/// The events of a batch as JSON. They are made once; from one request to the next only the batch's number in their ids
/// changes, since the load generator often shares its processor with what it tests.
/// </summary>
internal sealed class NumberedEvents
{
    private readonly byte[] _json;
    private readonly int[] _numbers;

    private NumberedEvents(byte[] json, int[] numbers) => (_json, _numbers) = (json, numbers);

    /// <param name="body">A batch of <see cref="SampleBatches"/>.</param>
    /// <param name="run">Begins the events' ids.</param>
    public static NumberedEvents Create(ReadOnlySpan<byte> body, string run)
    {
        var json = new List<byte>(body.Length * 5 / 4);
        var numbers = new List<int>();
        var rest = body[(body.IndexOf("\"batch\":"u8) + "\"batch\":".Length)..];
        var eventStart = "{\"event_type\":"u8;
        while (rest.IndexOf(eventStart) is var start and >= 0)
        {
            json.AddRange(rest[..(start + 1)]);
            json.AddRange("\"event_id\":\""u8);
            numbers.Add(json.Count + LoadEventId.RunLength);
            json.AddRange(LoadEventId.Create(run, numbers.Count - 1));
            json.AddRange("\","u8);
            rest = rest[(start + 1)..];
        }

        json.AddRange(rest);
        return new([.. json], [.. numbers]);
    }

    public NumberedEvents Copy() => new([.. _json], _numbers);

    /// <returns>The rest of a body, from behind <c>"batch":</c>; good until the next call.</returns>
    public ReadOnlyMemory<byte> Number(int batch)
    {
        Span<byte> digits = stackalloc byte[LoadEventId.BatchDigits];
        batch.TryFormat(digits, out _, "x8", CultureInfo.InvariantCulture);
        foreach (var number in _numbers)
        {
            digits.CopyTo(_json.AsSpan(number));
        }

        return _json;
    }
}
