using Kixo.Local;

namespace Kixo.Tests.Chaos;

/// <summary>An instance of the app and its ways to the others.</summary>
internal sealed class AppLink
{
    public AppLink(Random random, Func<AppLink, Task<(ChildProcess, IAsyncDisposable)>> start)
    {
        (Front, Blobs, Tables, Hub) = (new(random.Next()), new(random.Next()), new(random.Next()), new(random.Next()));
        App = new Part("app", () => start(this));
    }

    public Part App { get; }

    /// <summary>From clients to the app.</summary>
    public FaultProxy Front { get; }

    public FaultProxy Blobs { get; }

    public FaultProxy Tables { get; }

    public FaultProxy Hub { get; }

    public IReadOnlyList<FaultProxy> Proxies => [Front, Blobs, Tables, Hub];
}
