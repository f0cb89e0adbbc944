using System.Text.Json.Nodes;
using Kixo.Batches;
using Microsoft.OpenApi;

namespace Kixo.Tests.Contract;

/// <summary>The API's description by itself: is it OpenAPI, does it agree with itself, and with the code's own names and bounds.</summary>
public sealed class OpenApiTests
{
    /// <summary>Set to anything, for instance <c>KIXO_WRITE_OPENAPI=1 dotnet test --filter OpenApiTests</c>, it has the served JSON written anew.</summary>
    private const string WriteVariable = "KIXO_WRITE_OPENAPI";

    private readonly ApiDocument _document = new();

    [Fact]
    public async Task The_served_JSON_is_the_YAML()
    {
        if (Environment.GetEnvironmentVariable(WriteVariable) is { Length: > 0 })
        {
            await File.WriteAllTextAsync(ApiDocument.JsonFile, _document.JsonText);
        }

        Assert.True(
            _document.JsonText == await File.ReadAllTextAsync(ApiDocument.JsonFile),
            $"{ApiDocument.JsonFile} is not docs/openapi.yaml any more: run this test with {WriteVariable}=1 and build again.");
    }

    [Fact]
    public void It_is_OpenAPI_3_1()
    {
        var read = OpenApiDocument.Parse(_document.JsonText, "json");

        Assert.Empty(read.Diagnostic!.Errors);
        Assert.Empty(read.Diagnostic.Warnings);
        Assert.Equal(OpenApiSpecVersion.OpenApi3_1, read.Diagnostic.SpecificationVersion);
        Assert.Equal(
            ["POST /v1/batch", "OPTIONS /v1/batch", "GET /v1/openapi.json", "GET /health/live", "GET /health/ready"],
            read.Document!.Paths.SelectMany(path => path.Value.Operations!.Keys.Select(method => $"{method} {path.Key}")));
    }

    [Fact]
    public void References_lead_somewhere_and_every_component_is_used()
    {
        var references = Objects(_document.Root).Where(node => node.ContainsKey("$ref")).ToList();

        Assert.All(references, reference => Assert.True(_document.Resolve(reference) is not null, reference.ToJsonString()));
        var components = _document.Root["components"]!.AsObject().SelectMany(kind => kind.Value!.AsObject().Select(c => $"#/components/{kind.Key}/{c.Key}"));
        Assert.Empty(components.Except(references.Select(reference => (string)reference["$ref"]!)));
    }

    [Fact]
    public async Task Every_example_is_as_its_schema_says()
    {
        var examples = Objects(_document.Root).SelectMany(ExamplesOf).ToList();

        Assert.True(examples.Count > 40, $"Only {examples.Count} examples were found.");
        foreach (var (schema, example) in examples)
        {
            // Requests may hold what the document does not name, and one does.
            Assert.Null(await _document.ProblemAsync(schema, example, closed: schema.GetPath().Contains(".responses", StringComparison.Ordinal)));
        }
    }

    [Fact]
    public void Every_refusal_has_an_example_for_each_of_its_codes()
    {
        foreach (var (status, response) in _document.Responses("/v1/batch", "post").Where(r => r.Key != "200"))
        {
            var content = response!["content"]!["application/json"]!;
            var codes = Objects(content["schema"]!).Select(schema => schema["code"]?["enum"]).OfType<JsonArray>().SelectMany(Texts);
            var examples = content["examples"]?.AsObject().Select(e => e.Value!["value"]!) ?? [content["example"]!];
            Assert.Equal((status, string.Join(' ', codes)), (status, string.Join(' ', examples.Select(e => (string?)e["code"]))));
        }
    }

    [Fact]
    public void Schemas_say_only_what_the_validator_checks()
    {
        string[] annotations = ["contentMediaType", "contentSchema", "default", "description", "examples"];

        var keywords = Objects(_document.Root).Select(node => node["schema"]).OfType<JsonObject>()
            .Concat(_document.Root["components"]!["schemas"]!.AsObject().Select(schema => schema.Value!.AsObject()))
            .SelectMany(SchemasIn).SelectMany(schema => schema.Select(keyword => keyword.Key));

        Assert.Empty(keywords.Distinct().Except([.. ApiDocument.CheckedKeywords, .. annotations]));
    }

    [Fact]
    public void Codes_are_those_of_the_code()
    {
        Assert.Equal(Constants(typeof(FieldError)), Texts(_document.Schema("FieldError")["properties"]!["code"]!["enum"]!));
        Assert.Empty(Constants(typeof(BatchProblem)).Except(Texts(_document.Schema("Error")["properties"]!["code"]!["enum"]!)));

        var answered = _document.Responses("/v1/batch", "post").Where(r => r.Key != "200")
            .SelectMany(r => Objects(r.Value!["content"]!["application/json"]!["schema"]!)).Select(s => s["code"]?["enum"]).OfType<JsonArray>().SelectMany(Texts);
        Assert.Equal(Texts(_document.Schema("Error")["properties"]!["code"]!["enum"]!).Order(), answered.Order());
    }

    [Fact]
    public void The_page_for_SDK_authors_has_every_code()
    {
        var page = ApiDocument.TextOf("batch-api.md");

        var codes = ((string[])["Error", "FieldError"]).SelectMany(schema => Texts(_document.Schema(schema)["properties"]!["code"]!["enum"]!));
        Assert.All(codes, code => Assert.Contains($"`{code}`", page, StringComparison.Ordinal));
    }

    [Fact]
    public void Bounds_are_those_of_the_code()
    {
        var batch = _document.Schema("Batch")["properties"]!;
        var @event = _document.Schema("Event")["properties"]!;

        Assert.Equal(BatchLimits.MaxEvents, (int)batch["batch"]!["maxItems"]!);
        Assert.Equal(BatchLimits.MaxEvents, (int)_document.Schema("Error")["properties"]!["max_events"]!["enum"]![0]!);
        Assert.Equal(BatchLimits.MaxReportedErrors, (int)_document.Schema("Accepted")["properties"]!["errors"]!["maxItems"]!);
        Assert.Equal(BatchLimits.MaxNameLength, (int)@event["event_name"]!["maxLength"]!);
        Assert.All(
            [batch["project_id"], batch["api_key"], batch["bundle_id"], @event["event_type"], @event["device_id"], @event["session_id"]],
            id => Assert.Equal(BatchLimits.MaxIdLength, (int)id!["maxLength"]!));
        Assert.Contains($"{{1,{BatchLimits.MaxEventIdLength}}}", (string?)@event["event_id"]!["pattern"], StringComparison.Ordinal);
    }

    private static IEnumerable<string> Constants(Type type) => type.GetFields().Where(field => field.IsLiteral).Select(field => (string)field.GetRawConstantValue()!);

    private static IEnumerable<string> Texts(JsonNode array) => array.AsArray().Select(text => (string)text!);

    /// <summary>A media type, a header or a parameter has one <c>example</c> or named <c>examples</c>, a schema a list of them and a <c>default</c>.</summary>
    private static IEnumerable<(JsonNode Schema, string Example)> ExamplesOf(JsonObject node)
    {
        if (node["schema"] is { } schema)
        {
            if (node["example"] is { } example)
            {
                yield return (schema, example.ToJsonString());
            }

            foreach (var (_, named) in node["examples"] as JsonObject ?? [])
            {
                yield return (schema, named!["value"]!.ToJsonString());
            }
        }

        foreach (var example in node["examples"] as JsonArray ?? [])
        {
            yield return (node, example!.ToJsonString());
        }

        if (node["default"] is { } value && node.ContainsKey("type"))
        {
            yield return (node, value.ToJsonString());
        }
    }

    private static IEnumerable<JsonObject> Objects(JsonNode? node) => node switch
    {
        JsonObject found => found.SelectMany(member => Objects(member.Value)).Prepend(found),
        JsonArray array => array.SelectMany(Objects),
        _ => [],
    };

    private static IEnumerable<JsonObject> SchemasIn(JsonObject schema) =>
        (schema["properties"] as JsonObject ?? []).Select(property => property.Value)
            .Concat(schema["allOf"] as JsonArray ?? []).Concat(schema["oneOf"] as JsonArray ?? [])
            .Append(schema["items"]).Append(schema["additionalProperties"])
            .OfType<JsonObject>().SelectMany(SchemasIn).Prepend(schema);
}
