using System.Buffers;
using System.Globalization;
using System.Text.Encodings.Web;
using System.Text.Json;

namespace Kixo.Cli.Load;

/// <summary>
/// Batches as an app sends them: <c>screen_view</c>, <c>tap</c>, <c>page_view</c> and <c>custom</c> events of 60 devices in their
/// sessions, 250 to 400 bytes each, with nested properties, texts in several scripts, and escapes. The same seed and times give
/// the same bytes. One caller at a time.
/// </summary>
internal sealed class SampleBatches
{
    private const int DeviceCount = 60;

    private static readonly TimeSpan Interval = TimeSpan.FromSeconds(30);
    private static readonly JsonWriterOptions AsTyped = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };
    private static readonly string[] Screens =
        ["Home", "Search", "Product", "Cart", "Checkout", "Überblick", "商品一覧", "Корзина", "Réglages", "Order \"express\"", "Profile", "Help"];
    private static readonly string[] Labels =
        ["Add to cart", "Jetzt kaufen", "Añadir", "今すぐ購入", "Купить", "Say \"hi\"", "Line one\nline two", "👍 Like", "Share", "Zurück"];
    private static readonly string[] Elements = ["btn_add", "btn_buy", "nav_back", "tab_home", "tab_search", "card", "link_more", "toggle_push"];
    private static readonly string[] Titles = ["Sommerschuhe | Kixo", "Running shoes – all sizes", "靴 | キクソ", "Обувь", "Café \"Noir\" sneakers"];
    private static readonly string[] Paths = ["/products/", "/category/", "/blog/", "/search?q="];

    // As encoders write them that escape every slash.
    private static readonly string[] Referrers =
        ["\"https:\\/\\/www.google.com\\/\"", "\"https:\\/\\/news.example.com\\/a\\/4711\"", "null", "\"https:\\/\\/t.co\\/x\\u00e9\""];
    private static readonly string[] CustomNames = ["purchase", "add_to_wishlist", "experiment_seen", "video_progress"];
    private static readonly string[] Currencies = ["EUR", "USD", "JPY"];
    private static readonly string[] Models = ["iPhone15,3", "iPhone14,5", "iPhone16,1", "iPad13,4", "iPhone12,1"];
    private static readonly string[] Systems = ["17.4.1", "17.5", "18.0", "16.7.8"];
    private static readonly string[] Locales = ["de-DE", "en-US", "fr-FR", "ja-JP", "ru-RU", "es-ES"];

    private readonly Random _random;
    private readonly Device[] _devices;

    public SampleBatches(int seed)
    {
        _random = new Random(seed);
        _devices = [.. Enumerable.Range(0, DeviceCount).Select(_ => new Device(
            Guid.Parse(RandomHex(32)).ToString().ToUpperInvariant(), $"s_{RandomHex(16)}", One(Models), One(Systems), One(Locales)))];
    }

    private sealed record Device(string Id, string Session, string Model, string System, string Locale)
    {
        public string Screen { get; set; } = "Home";

        public int Sequence { get; set; }
    }

    /// <param name="projectId">Whose batch.</param>
    /// <param name="apiKey">The project's plain key.</param>
    /// <param name="sentAt">The client's clock, in UTC; the events lie in the half minute before.</param>
    /// <param name="events">How many.</param>
    /// <returns>A body for <c>POST /v1/batch</c>.</returns>
    public byte[] Next(string projectId, string apiKey, DateTime sentAt, int events)
    {
        var body = new ArrayBufferWriter<byte>(events * 400);
        using var json = new Utf8JsonWriter(body, AsTyped);
        json.WriteStartObject();
        json.WriteString("project_id", projectId);
        json.WriteString("api_key", apiKey);
        json.WriteString("bundle_id", "com.example.shop");
        json.WriteString("platform", "ios");
        json.WriteString("sent_at", Text(sentAt));
        json.WriteStartArray("batch");
        for (var i = 0; i < events; i++)
        {
            WriteEvent(json, sentAt - (Interval * (events - i) / events));
        }

        json.WriteEndArray();
        json.WriteEndObject();
        json.Flush();
        return body.WrittenSpan.ToArray();
    }

    private void WriteEvent(Utf8JsonWriter json, DateTime at)
    {
        var device = _devices[_random.Next(DeviceCount)];
        device.Sequence++;
        json.WriteStartObject();
        switch (_random.Next(20))
        {
            case < 8: WriteScreenView(json, device, at); break;
            case < 14: WriteTap(json, device, at); break;
            case < 17: WritePageView(json, device, at); break;
            default: WriteCustom(json, device, at); break;
        }

        json.WriteStartObject("device");
        json.WriteString("model", device.Model);
        json.WriteString("os", device.System);
        json.WriteString("locale", device.Locale);
        json.WriteEndObject();
        json.WriteEndObject();
        json.WriteEndObject();
    }

    private void WriteScreenView(Utf8JsonWriter json, Device device, DateTime at)
    {
        var previous = device.Screen;
        device.Screen = One(Screens);
        WriteHead(json, "screen_view", device.Screen, device, at);
        json.WriteString("previous", previous);
        json.WriteNumber("load_ms", _random.Next(20, 900));
    }

    private void WriteTap(Utf8JsonWriter json, Device device, DateTime at)
    {
        WriteHead(json, "tap", One(Labels), device, at);
        json.WriteString("screen", device.Screen);
        json.WriteStartObject("element");
        json.WriteString("id", One(Elements));
        json.WriteNumber("x", _random.Next(390));
        json.WriteNumber("y", _random.Next(844));
        json.WriteEndObject();
    }

    private void WritePageView(Utf8JsonWriter json, Device device, DateTime at)
    {
        WriteHead(json, "page_view", $"{One(Paths)}{_random.Next(500)}", device, at);
        json.WriteString("title", One(Titles));
        json.WritePropertyName("referrer");
        json.WriteRawValue(One(Referrers));
    }

    private void WriteCustom(Utf8JsonWriter json, Device device, DateTime at)
    {
        WriteHead(json, "custom", One(CustomNames), device, at);
        json.WriteNumber("total", _random.Next(100, 20_000) / 100m);
        json.WriteString("currency", One(Currencies));
        json.WriteBoolean("first", _random.Next(10) == 0);
        json.WriteStartArray("items");
        for (var i = _random.Next(1, 3); i > 0; i--)
        {
            json.WriteStartObject();
            json.WriteString("sku", $"KX-{_random.Next(1_000, 2_000)}");
            json.WriteNumber("qty", _random.Next(1, 4));
            json.WriteEndObject();
        }

        json.WriteEndArray();
    }

    /// <summary>The event's own members, and the beginning of its properties.</summary>
    private static void WriteHead(Utf8JsonWriter json, string type, string name, Device device, DateTime at)
    {
        json.WriteString("event_type", type);
        json.WriteString("event_name", name);
        json.WriteString("device_id", device.Id);
        json.WriteString("session_id", device.Session);
        json.WriteString("timestamp", Text(at));
        json.WriteStartObject("properties");
        json.WriteNumber("sequence", device.Sequence);
    }

    private static string Text(DateTime utc) => utc.ToString("yyyy-MM-dd'T'HH:mm:ss.fff'Z'", CultureInfo.InvariantCulture);

    private T One<T>(T[] choices) => choices[_random.Next(choices.Length)];

    private string RandomHex(int digits) => string.Create(digits, _random, static (text, random) =>
    {
        foreach (ref var digit in text)
        {
            digit = "0123456789abcdef"[random.Next(16)];
        }
    });
}
