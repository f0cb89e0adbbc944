using System.Net;
using System.Text.Json;

namespace Kixo.Cli.Load;

/// <summary>
/// Sends batches at a fixed rate, however long their answers take (an open loop): each has its time, and its latency counts from
/// there, so that a stall shows in every request that it held up. A request is sent once.
/// </summary>
internal sealed class LoadGenerator(
    LoadOptions options, IReadOnlyList<Sender> senders, BatchBodies bodies, HttpClient client, LoadTotals totals, TimeProvider time)
{
    private static readonly TimeSpan Grace = TimeSpan.FromSeconds(5);

    private readonly Uri[] _endpoints = [.. options.Urls.Select(url => new Uri($"{url.AbsoluteUri.TrimEnd('/')}/v1/batch"))];

    /// <param name="stop">Ends the load early; requests under way get a few seconds.</param>
    /// <returns>How long requests were sent.</returns>
    public async Task<TimeSpan> RunAsync(CancellationToken stop)
    {
        using var free = new SemaphoreSlim(options.InFlight);
        using var abort = new CancellationTokenSource(Timeout.InfiniteTimeSpan, time);
        var start = time.GetTimestamp();
        try
        {
            await SendAllAsync(start, free, stop, abort.Token);
        }
        catch (OperationCanceledException) when (stop.IsCancellationRequested)
        {
            abort.CancelAfter(Grace);
        }

        var elapsed = time.GetElapsedTime(start);
        await using var _ = stop.Register(() => abort.CancelAfter(Grace));
        for (var i = 0; i < options.InFlight; i++)
        {
            await free.WaitAsync(CancellationToken.None);
        }

        return elapsed;
    }

    private async Task SendAllAsync(long start, SemaphoreSlim free, CancellationToken stop, CancellationToken abort)
    {
        for (var request = 0; request < options.Requests; request++)
        {
            var wait = options.Due(request) - time.GetElapsedTime(start);
            if (wait > TimeSpan.Zero)
            {
                await Task.Delay(wait, time, stop);
            }

            await free.WaitAsync(stop);
            if (time.GetElapsedTime(start) > options.Duration)
            {
                free.Release();
                return;
            }

            totals.Send();
            var number = request;
            _ = Task.Run(async () =>
            {
                try
                {
                    await SendAsync(number, start, abort);
                }
                finally
                {
                    free.Release();
                }
            }, CancellationToken.None);
        }

        // The last request's share of the time.
        await Task.Delay(Max(options.Duration - time.GetElapsedTime(start)), time, stop);
    }

    private async Task SendAsync(int number, long start, CancellationToken abort)
    {
        var events = bodies.Rent();
        try
        {
            using var content = bodies.Create(senders[number % senders.Count], events, number, time.GetUtcNow().UtcDateTime);
            using var answer = await client.PostAsync(_endpoints[number % _endpoints.Length], content, abort);
            bodies.Return(events); // not of a request that has failed: it may still be written
            if (answer.StatusCode == HttpStatusCode.TooManyRequests)
            {
                totals.Throttle();
            }
            else if (answer.StatusCode != HttpStatusCode.OK)
            {
                totals.Fail($"{(int)answer.StatusCode} {answer.StatusCode}");
            }
            else if (await AcceptedAsync(answer, abort) == options.Events)
            {
                totals.Accept(number, time.GetTimestamp(), time.GetElapsedTime(start) - options.Due(number));
            }
            else
            {
                totals.Fail("200, but not for every event");
            }
        }
        catch (Exception e) when (e is HttpRequestException or IOException)
        {
            totals.Fail((e as HttpRequestException)?.HttpRequestError.ToString() ?? "the answer broke off");
        }
        catch (OperationCanceledException)
        {
            totals.Fail(abort.IsCancellationRequested ? "given up" : "no answer in time");
        }
        catch (JsonException)
        {
            totals.Fail("200, but no JSON");
        }
    }

    private static async Task<int> AcceptedAsync(HttpResponseMessage answer, CancellationToken cancellationToken)
    {
        using var json = await JsonDocument.ParseAsync(await answer.Content.ReadAsStreamAsync(cancellationToken), default, cancellationToken);
        return json.RootElement.ValueKind == JsonValueKind.Object && json.RootElement.TryGetProperty("accepted", out var accepted) && accepted.TryGetInt32(out var count)
            ? count
            : 0;
    }

    private static TimeSpan Max(TimeSpan wait) => wait > TimeSpan.Zero ? wait : TimeSpan.Zero;
}
