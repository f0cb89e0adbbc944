using Azure.Core.Pipeline;
using Azure.Storage.Blobs;

namespace Kixo.Tests.Persistence;

/// <summary>What happens to one request.</summary>
internal enum Fault
{
    None,

    /// <summary>It does not arrive.</summary>
    RequestLost,

    /// <summary>It takes effect, and nobody is told.</summary>
    AnswerLost,

    /// <summary>It takes effect after some later requests, when its sender has given up on it.</summary>
    Late,

    /// <summary>Something else happens before it.</summary>
    Interrupted,
}

/// <summary>The network between any number of clients and one storage. Not for calls at the same time, but for calls within calls.</summary>
internal sealed class FaultyNetwork(HttpMessageHandler storage)
{
    private readonly HttpMessageInvoker _storage = new(storage, disposeHandler: false);
    private readonly List<(HttpRequestMessage Request, int DueIn)> _late = [];

    /// <summary>Asked for each request, and run before it.</summary>
    public Func<Task<Fault>> Next { get; set; } = () => Task.FromResult(Fault.None);

    public List<string> Requests { get; } = [];

    /// <param name="tries">The tries of the client's own.</param>
    public BlobClientOptions Options(int tries) => new()
    {
        Transport = new HttpClientTransport(new Connection(this)),
        Retry = { MaxRetries = tries - 1, Delay = TimeSpan.Zero, MaxDelay = TimeSpan.Zero },
    };

    /// <summary>Lets everything arrive that is still on its way.</summary>
    public async Task SettleAsync()
    {
        foreach (var (request, _) in _late)
        {
            using var answer = await _storage.SendAsync(request, CancellationToken.None);
        }

        _late.Clear();
    }

    private async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
    {
        Requests.Add($"{request.Method} {System.Web.HttpUtility.ParseQueryString(request.RequestUri!.Query)["comp"]}".TrimEnd());
        var fault = await Next();
        await DeliverLateAsync();
        switch (fault)
        {
            case Fault.RequestLost:
                throw new HttpRequestException("The request was lost.");
            case Fault.AnswerLost:
                (await _storage.SendAsync(request, cancellationToken)).Dispose();
                throw new HttpRequestException("The answer was lost.");
            case Fault.Late:
                _late.Add((await CopyAsync(request), 1 + (Requests.Count % 5)));
                throw new HttpRequestException("No answer came in time.");
            default:
                return await _storage.SendAsync(request, cancellationToken);
        }
    }

    private async Task DeliverLateAsync()
    {
        for (var i = _late.Count - 1; i >= 0; i--)
        {
            var (request, dueIn) = _late[i];
            _late[i] = (request, dueIn - 1);
            if (dueIn == 0)
            {
                _late.RemoveAt(i);
                using var answer = await _storage.SendAsync(request, CancellationToken.None);
            }
        }
    }

    private static async Task<HttpRequestMessage> CopyAsync(HttpRequestMessage request)
    {
        var copy = new HttpRequestMessage(request.Method, request.RequestUri);
        foreach (var header in request.Headers)
        {
            copy.Headers.TryAddWithoutValidation(header.Key, header.Value);
        }

        if (request.Content is { } content)
        {
            copy.Content = new ByteArrayContent(await content.ReadAsByteArrayAsync());
            foreach (var header in content.Headers)
            {
                copy.Content.Headers.TryAddWithoutValidation(header.Key, header.Value);
            }
        }

        return copy;
    }

    private sealed class Connection(FaultyNetwork network) : HttpMessageHandler
    {
        protected override Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken) =>
            network.SendAsync(request, cancellationToken);
    }
}
