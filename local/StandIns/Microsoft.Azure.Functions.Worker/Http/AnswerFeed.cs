using System.Collections.Concurrent;
using System.Runtime.CompilerServices;
using System.Text;
using System.Threading.Channels;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;

namespace Microsoft.Azure.Functions.Worker.Http;

/// <summary>The answers of HTTP functions, for those who watch. While nobody does, a request costs one look.</summary>
internal sealed class AnswerFeed(TimeProvider time)
{
    /// <summary>Answers that wait for a watcher who does not keep up; then the oldest are left out.</summary>
    private const int MaxWaiting = 256;

    private readonly ConcurrentDictionary<Channel<HttpAnswer>, bool> _watchers = new();

    /// <summary>Answers from now on, until cancelled.</summary>
    public async IAsyncEnumerable<HttpAnswer> WatchAsync([EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var answers = Channel.CreateBounded<HttpAnswer>(new BoundedChannelOptions(MaxWaiting) { FullMode = BoundedChannelFullMode.DropOldest });
        _watchers[answers] = true;
        try
        {
            await foreach (var answer in answers.Reader.ReadAllAsync(cancellationToken))
            {
                yield return answer;
            }
        }
        finally
        {
            _watchers.TryRemove(answers, out _);
        }
    }

    /// <summary>What answers requests, watched.</summary>
    public RequestDelegate Watched(RequestDelegate answer) => http => _watchers.IsEmpty ? answer(http) : AnswerAndTellAsync(http, answer);

    private async Task AnswerAndTellAsync(HttpContext http, RequestDelegate answer)
    {
        var start = time.GetTimestamp();
        var client = http.Features.GetRequiredFeature<IHttpResponseBodyFeature>();
        using var body = new MemoryStream();
        http.Response.Body = body;
        try
        {
            await answer(http);
        }
        finally
        {
            http.Features.Set(client);
        }

        if (http.RequestAborted.IsCancellationRequested)
        {
            return; // nobody is there to be answered
        }

        var told = new HttpAnswer(
            time.GetUtcNow(), http.Request.Method, http.Request.Path, http.Response.StatusCode, time.GetElapsedTime(start).TotalMilliseconds,
            Encoding.UTF8.GetString(body.GetBuffer(), 0, (int)body.Length));
        foreach (var (watcher, _) in _watchers)
        {
            watcher.Writer.TryWrite(told);
        }

        body.Position = 0;
        await body.CopyToAsync(client.Stream, http.RequestAborted);
    }
}
