using Kixo.Batches;
using Kixo.Keys;
using Kixo.Publishing;
using Kixo.RateLimiting;
using Kixo.Telemetry;
using Microsoft.AspNetCore.Http;
using Microsoft.Azure.Functions.Worker;
using Microsoft.Extensions.Logging;

namespace Kixo.Functions;

/// <summary><c>POST /v1/batch</c>: takes a batch of events, and answers 200 only when Event Hubs has them.</summary>
internal sealed class IngestBatch(
    KeyDirectory keys, RequestLimiter limiter, EventReader events, ChunkPublisher publisher, Cors cors,
    TimeProvider time, KixoMetrics metrics, ILogger<IngestBatch> log)
{
    [Function(nameof(IngestBatch))]
    public async Task<IResult> RunAsync(
        [HttpTrigger(AuthorizationLevel.Anonymous, "post", Route = Routes.Batch)] HttpRequest request, CancellationToken cancellationToken)
    {
        using var span = Tracing.StartIngest();
        cors.Allow(request.HttpContext);
        Answer answer;
        try
        {
            answer = await IngestAsync(request, cancellationToken);
        }
        catch (Exception e) when (e is IOException or OperationCanceledException && request.HttpContext.RequestAborted.IsCancellationRequested)
        {
            // The client has gone: nobody is there to answer.
            return Results.Empty;
        }
        catch (OperationCanceledException)
        {
            // The app stops while the client waits: silence would be a 200.
            answer = Answer.Unavailable();
        }
        catch (BadHttpRequestException e)
        {
            answer = e.StatusCode switch
            {
                // Too slow is not wrong: the client may have a better connection the next time.
                StatusCodes.Status408RequestTimeout => Answer.Unavailable(),

                // Kestrel's own limit, which is far over the contract's.
                StatusCodes.Status413PayloadTooLarge => Answer.Refused(BatchProblem.OfTooLarge()),
                _ => Answer.Refused(new(BatchProblem.MalformedJson, "The body did not arrive whole: it was cut short, or its framing is wrong.")),
            };
        }
        catch (Exception e)
        {
            log.BatchFailed(e);
            answer = Answer.Unavailable();
        }

        metrics.Answered(answer.Outcome);
        span?.SetTag("kixo.outcome", answer.Outcome);
        return answer;
    }

    private async Task<Answer> IngestAsync(HttpRequest request, CancellationToken cancellationToken)
    {
        if (!IsJson(request.ContentType))
        {
            return Answer.UnsupportedMediaType();
        }

        // 1 read
        var clock = new StageClock(time, metrics);
        var (body, problem) = await BodyReader.ReadAsync(
            request.Body, request.Headers.ContentEncoding, request.ContentLength, request.HttpContext.RequestAborted);
        clock.Ended(Stage.Read);
        if (body is null)
        {
            return Answer.Refused(problem!);
        }

        using (body)
        {
            // 2 envelope
            (var envelope, problem) = EnvelopeReader.Read(body.Written.Span);
            clock.Ended(Stage.Envelope);
            if (envelope is null)
            {
                return Answer.Refused(problem!);
            }

            // 3 key
            var verdict = await keys.CheckAsync(
                envelope.ProjectId, envelope.ApiKey, envelope.Platform, envelope.BundleId, envelope.Environment, cancellationToken);
            clock.Ended(Stage.Key);
            switch (verdict.Outcome)
            {
                case KeyOutcome.InvalidKey: return Answer.InvalidApiKey();
                case KeyOutcome.Unavailable: return Answer.Unavailable();
            }

            // 4 permit: from here on each answer says what is left, that to a good key for something else among them
            var permit = await limiter.AcquireAsync(envelope.ProjectId, verdict.RequestsPerSecond, cancellationToken);
            clock.Ended(Stage.Permit);
            if (!permit.Granted)
            {
                return Answer.RateLimited(permit).With(permit);
            }

            var answer = verdict.Outcome == KeyOutcome.NotAllowed ? Answer.NotAllowed(verdict.Reason!)
                : envelope.EventCount > BatchLimits.MaxEvents ? Answer.Refused(BatchProblem.OfTooMany(envelope.EventCount))
                : await StoreAsync(body, envelope, permit, clock, cancellationToken);
            return answer.With(permit);
        }
    }

    private async Task<Answer> StoreAsync(
        PooledBuffer body, BatchEnvelope envelope, Permit permit, StageClock clock, CancellationToken cancellationToken)
    {
        // 5 events
        metrics.BatchSized(envelope.EventCount, body.Length);
        var (lines, receivedAt, problem) = events.Read(body.Written.Span, envelope);
        clock.Ended(Stage.Events);
        if (lines is null)
        {
            return Answer.Refused(problem!);
        }

        // 6 publish
        using (lines)
        {
            var published = await publisher.TryPublishAsync(
                envelope.ProjectId, permit.Number, envelope.Environment, receivedAt, lines.Lines, lines.Accepted, cancellationToken);
            clock.Ended(Stage.Publish);
            if (!published)
            {
                return Answer.Unavailable();
            }

            metrics.Accepted(lines.Accepted);
            foreach (var (code, count) in lines.Rejections)
            {
                metrics.Rejected(count, code);
            }

            return Answer.Accepted(lines);
        }
    }

    // navigator.sendBeacon says text/plain or nothing, which spares the browser a preflight.
    private static bool IsJson(string? contentType)
    {
        var mediaType = contentType.AsSpan();
        mediaType = (mediaType.IndexOf(';') is var end and >= 0 ? mediaType[..end] : mediaType).Trim();
        return mediaType.IsEmpty
            || mediaType.Equals("application/json", StringComparison.OrdinalIgnoreCase)
            || mediaType.Equals("text/plain", StringComparison.OrdinalIgnoreCase);
    }
}
