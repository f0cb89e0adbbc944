using System.Runtime.CompilerServices;
using Azure.Core.Amqp;
using Azure.Messaging.EventHubs;

namespace Kixo.Tests.StandIns.EventHubs;

/// <summary>
/// Holds the package in use, stand-in or official, against <c>OfficialApi.txt</c>: what compiles against the one compiles against the other.
/// </summary>
public sealed class OfficialApiTests
{
    private static readonly HashSet<string> Listed = [.. ReadListing()];
    private static readonly HashSet<string> Present =
    [
        .. new[] { typeof(EventData).Assembly, typeof(AmqpAnnotatedMessage).Assembly }
            .Distinct()
            .SelectMany(assembly => assembly.GetExportedTypes())
            .SelectMany(ApiListing.Of),
    ];

    private static bool IsStandIn => typeof(EventData).Assembly.GetReferencedAssemblies().Any(each => each.Name == "Amqp.Net");

    [Fact]
    public void EverythingListed_IsPresent()
    {
        Assert.Equal("Azure.Messaging.EventHubs", typeof(EventData).Assembly.GetName().Name);
        Assert.NotEmpty(Listed);
        Assert.Empty(Listed.Except(Present));
    }

    /// <summary>The official package has more than is listed; a stand-in with more would let through what does not compile on it.</summary>
    [Fact]
    public void StandIn_HasNothingThatIsNotListed()
    {
        var unlisted = Present.Except(Listed);
        if (IsStandIn)
        {
            Assert.Empty(unlisted);
        }
        else
        {
            Assert.NotEmpty(unlisted);
        }
    }

    private static IEnumerable<string> ReadListing([CallerFilePath] string thisFile = "")
    {
        var lines = File.ReadLines(Path.Combine(Path.GetDirectoryName(thisFile)!, "OfficialApi.txt"));
        string space = "", type = "";
        foreach (var line in lines.Where(line => line.Length > 0 && line[0] != '#'))
        {
            if (line.StartsWith("namespace ", StringComparison.Ordinal))
            {
                space = line["namespace ".Length..];
            }
            else if (line[0] == ' ')
            {
                yield return $"{type}: {line.Trim()}";
            }
            else
            {
                var head = line.Split(" : ")[0];
                var name = head[(head.LastIndexOf(' ') + 1)..];
                type = $"{space}.{name}";
                yield return $"{type}: {head[..^(name.Length + 1)]}{line[head.Length..]}";
            }
        }
    }
}
