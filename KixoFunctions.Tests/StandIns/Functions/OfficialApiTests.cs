using System.Runtime.CompilerServices;
using Kixo.Tests.StandIns.EventHubs;
using Microsoft.Azure.Functions.Worker;
using Microsoft.Azure.Functions.Worker.Builder;

namespace Kixo.Tests.StandIns.Functions;

/// <summary>
/// Holds the packages in use, stand-in or official, against <c>OfficialApi.txt</c>: what compiles against the one compiles against the other.
/// </summary>
public sealed class OfficialApiTests
{
    /// <summary>A type for each of the official packages; of the stand-in they are one assembly.</summary>
    private static readonly Type[] Packages =
    [
        typeof(FunctionContext), typeof(FunctionAttribute), typeof(HttpTriggerAttribute), typeof(EventHubTriggerAttribute),
        typeof(FunctionsApplication), typeof(FunctionsApplicationBuilderAspNetCoreExtensions),
    ];

    private static readonly HashSet<string> Listed = [.. ReadListing()];
    private static readonly HashSet<string> Present =
    [
        .. Packages.Select(type => type.Assembly).Distinct().SelectMany(assembly => assembly.GetExportedTypes()).SelectMany(ApiListing.Of).Select(WithoutBases),
    ];

    private static bool IsStandIn => typeof(FunctionContext).Assembly == typeof(HttpTriggerAttribute).Assembly;

    [Fact]
    public void Everything_listed_is_present() => Assert.Empty(Listed.Except(Present));

    /// <summary>A stand-in with more than the official packages would let through what does not compile on them.</summary>
    [Fact]
    public void The_stand_in_has_nothing_that_is_not_listed() => Assert.Equal(IsStandIn, Present.SetEquals(Listed));

    /// <summary>An attribute's further interfaces are nothing an app uses.</summary>
    private static string WithoutBases(string line) => line.Split(" : ")[0];

    private static IEnumerable<string> ReadListing([CallerFilePath] string thisFile = "") =>
        File.ReadLines(Path.Combine(Path.GetDirectoryName(thisFile)!, "OfficialApi.txt")).Where(line => line.Length > 0 && line[0] != '#');
}
