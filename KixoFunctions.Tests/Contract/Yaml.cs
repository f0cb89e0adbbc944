using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using YamlDotNet.Core;
using YamlDotNet.RepresentationModel;

namespace Kixo.Tests.Contract;

/// <summary>Reads YAML as the JSON that it stands for: what is quoted is text, what is not is read by YAML's JSON schema.</summary>
internal static partial class Yaml
{
    public static JsonNode? ToJson(string yaml)
    {
        var stream = new YamlStream();
        stream.Load(new StringReader(yaml));
        return ToJson(stream.Documents.Single().RootNode);
    }

    private static JsonNode? ToJson(YamlNode node) => node switch
    {
        YamlMappingNode mapping => new JsonObject(mapping.Select(member => KeyValuePair.Create(((YamlScalarNode)member.Key).Value!, ToJson(member.Value)))),
        YamlSequenceNode sequence => new JsonArray([.. sequence.Select(ToJson)]),
        YamlScalarNode { Style: ScalarStyle.Plain } plain when plain.Value is "null" => null,
        YamlScalarNode { Style: ScalarStyle.Plain } plain when NumberOrBoolean().IsMatch(plain.Value!) => JsonNode.Parse(plain.Value!),
        YamlScalarNode text => JsonValue.Create(text.Value),
        _ => throw new NotSupportedException($"{node.NodeType} at {node.Start}"),
    };

    [GeneratedRegex(@"\A(true|false|-?(0|[1-9][0-9]*)(\.[0-9]+)?)\z")]
    private static partial Regex NumberOrBoolean();
}
