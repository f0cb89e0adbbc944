using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Nodes;
using Kixo.Tests.Support;
using NJsonSchema;

namespace Kixo.Tests.Contract;

/// <summary><c>docs/openapi.yaml</c>, and whether something is as it says.</summary>
internal sealed class ApiDocument
{
    /// <summary>The keywords that the validator checks. It passes over others (<c>const</c>, <c>if</c>, …), so schemas use no others.</summary>
    public static readonly string[] CheckedKeywords =
    [
        "$ref", "additionalProperties", "allOf", "enum", "items", "maxItems", "maxLength", "maximum", "minItems", "minLength", "minimum",
        "oneOf", "pattern", "properties", "required", "type",
    ];

    private static readonly JsonSerializerOptions Indented =
        new() { WriteIndented = true, NewLine = "\n", Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    // What every HTTP answer may carry, and no API description speaks of.
    private static readonly string[] OrdinaryHeaders = ["Connection", "Content-Length", "Content-Type", "Date", "Server", "Transfer-Encoding"];

    /// <summary>The file that the app serves.</summary>
    public static string JsonFile => Repository.PathOf("KixoFunctions", "Functions", "openapi.json");

    public JsonObject Root { get; } = Yaml.ToJson(TextOf("openapi.yaml"))!.AsObject();

    public string JsonText => Root.ToJsonString(Indented) + "\n";

    /// <summary>A file of the folder docs.</summary>
    public static string TextOf(string file) => File.ReadAllText(Repository.PathOf("docs", file));

    public JsonNode Schema(string name) => Root["components"]!["schemas"]![name]!;

    public JsonObject Responses(string path, string method) => Root["paths"]![path]![method]!["responses"]!.AsObject();

    /// <summary>The node itself, or what its <c>$ref</c> names; null when it names nothing.</summary>
    public JsonNode? Resolve(JsonNode node) => (string?)node["$ref"] is { } reference
        ? reference.Split('/').Skip(1).Aggregate((JsonNode?)Root, (at, name) => at?[name])
        : node;

    /// <summary>What is wrong with an answer, by what the document says of that operation and status; null when nothing is.</summary>
    public async Task<string?> ProblemAsync(HttpResponseMessage answer, string path, string method)
    {
        if (Responses(path, method)[$"{(int)answer.StatusCode}"] is not { } response)
        {
            return $"{(int)answer.StatusCode} is not documented.";
        }

        var sent = answer.Headers.Concat(answer.Content.Headers).ToDictionary(h => h.Key, h => string.Join(", ", h.Value), StringComparer.OrdinalIgnoreCase);
        var documented = response["headers"]?.AsObject().ToDictionary(h => h.Key, h => Resolve(h.Value!)!) ?? [];
        foreach (var (name, header) in documented)
        {
            var problem = sent.TryGetValue(name, out var value) ? await ProblemAsync(header["schema"]!, HeaderJson(header, value))
                : (bool?)header["required"] ?? false ? "missing" : null;
            if (problem is not null)
            {
                return $"{name}: {problem}";
            }
        }

        var unknown = sent.Keys.Except([.. OrdinaryHeaders, .. documented.Keys], StringComparer.OrdinalIgnoreCase).ToList();
        if (unknown.Count > 0)
        {
            return $"Headers that are not documented: {string.Join(", ", unknown)}.";
        }

        var body = await answer.Content.ReadAsStringAsync();
        var content = response["content"]?["application/json"];
        return content is null ? (body.Length == 0 ? null : "A body is not documented.")
            : answer.Content.Headers.ContentType?.MediaType != "application/json" ? $"Content-Type: {answer.Content.Headers.ContentType}"
            : await ProblemAsync(content["schema"]!, body, closed: true);
    }

    /// <summary>What is wrong with a value, by a schema of the document; null when nothing is.</summary>
    /// <param name="closed">Whether members that the document does not name are wrong too.</param>
    public async Task<string?> ProblemAsync(JsonNode schema, string json, bool closed = false)
    {
        var all = new JsonObject { ["allOf"] = new JsonArray(schema.DeepClone()), ["definitions"] = Root["components"]!["schemas"]!.DeepClone() };
        if (closed)
        {
            Close(all);
        }

        var validator = await JsonSchema.FromJsonAsync(all.ToJsonString().Replace("#/components/schemas/", "#/definitions/", StringComparison.Ordinal));
        var errors = validator.Validate(json);
        return errors.Count == 0 ? null : $"{string.Join("; ", errors)} in {json}";
    }

    public static string HeaderJson(JsonNode header, string value) =>
        (string?)header["schema"]!["type"] == "integer" ? value : JsonSerializer.Serialize(value);

    private static void Close(JsonNode? node)
    {
        if (node is JsonObject schema)
        {
            if (schema.ContainsKey("properties") && schema["type"] is JsonValue type && (string?)type == "object")
            {
                schema.TryAdd("additionalProperties", false);
            }

            foreach (var (_, member) in schema.ToList())
            {
                Close(member);
            }
        }
        else if (node is JsonArray array)
        {
            foreach (var item in array)
            {
                Close(item);
            }
        }
    }
}
