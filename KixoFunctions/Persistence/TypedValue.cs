using System.Globalization;

namespace Kixo.Persistence;

/// <summary>
/// A value of an AMQP application property as text, from which it comes back as what it was. The types are those that Event Hubs
/// clients give; a value of another type is kept as its text.
/// </summary>
/// <param name="Type"><c>null</c>, <c>string</c>, <c>bool</c>, <c>int</c> and so on.</param>
/// <param name="Value">Culture-invariant.</param>
internal readonly record struct TypedValue(string Type, string? Value)
{
    private static readonly (string Name, Type Type, Func<string, object> Parse)[] Types =
    [
        Parsable<bool>("bool"), Parsable<char>("char"),
        Parsable<sbyte>("sbyte"), Parsable<byte>("byte"), Parsable<short>("short"), Parsable<ushort>("ushort"),
        Parsable<int>("int"), Parsable<uint>("uint"), Parsable<long>("long"), Parsable<ulong>("ulong"),
        Parsable<float>("float"), Parsable<double>("double"), Parsable<decimal>("decimal"),
        Parsable<Guid>("guid"), Parsable<TimeSpan>("timespan"),
        ("datetime", typeof(DateTime), text => DateTime.Parse(text, CultureInfo.InvariantCulture, DateTimeStyles.RoundtripKind)),
        ("datetimeoffset", typeof(DateTimeOffset), text => DateTimeOffset.Parse(text, CultureInfo.InvariantCulture)),
        ("uri", typeof(Uri), text => new Uri(text, UriKind.RelativeOrAbsolute)),
        ("bytes", typeof(byte[]), Convert.FromBase64String),
        ("string", typeof(string), text => text),
    ];

    public static TypedValue Of(object? value) => value is null ? new("null", null)
        : new(Array.Find(Types, type => type.Type == value.GetType()).Name ?? "string", Text(value));

    /// <exception cref="FormatException">The text is not of the type, or the type is not known; <see cref="OverflowException"/>: beyond it.</exception>
    public object? ToObject()
    {
        var type = Type;
        return type == "null" ? null
            : Array.Find(Types, known => known.Name == type) is { Parse: { } parse } && Value is not null ? parse(Value)
            : throw new FormatException($"'{Type}' is not the type of a property.");
    }

    private static string Text(object value) => value switch
    {
        byte[] bytes => Convert.ToBase64String(bytes),
        DateTime or DateTimeOffset => ((IFormattable)value).ToString("O", CultureInfo.InvariantCulture),
        Uri uri => uri.OriginalString,
        _ => Convert.ToString(value, CultureInfo.InvariantCulture) ?? "",
    };

    private static (string, Type, Func<string, object>) Parsable<T>(string name)
        where T : IParsable<T> => (name, typeof(T), text => T.Parse(text, CultureInfo.InvariantCulture));
}
