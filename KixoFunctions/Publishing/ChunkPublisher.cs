using Azure.Messaging.EventHubs;
using Azure.Messaging.EventHubs.Producer;
using Kixo.Telemetry;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace Kixo.Publishing;

/// <summary>Sends a batch's lines to the hub, and says whether the hub has them.</summary>
internal sealed class ChunkPublisher(
    EventHubProducerClient producer, IOptions<PublishOptions> options, TimeProvider time, KixoMetrics metrics, ILogger<ChunkPublisher> log)
{
    private readonly OncePerMinute _logging = new(time);

    /// <param name="projectId">Whose events.</param>
    /// <param name="requestOfSecond">Which of the project's requests in this second it is, from 0: decides the <see cref="PartitionKey"/>.</param>
    /// <param name="environment">Their environment.</param>
    /// <param name="receivedAt">When the request came, in UTC.</param>
    /// <param name="lines">The events as lines, each with its line break.</param>
    /// <param name="count">How many.</param>
    /// <param name="cancellationToken">Gives up; the hub may have the events all the same.</param>
    /// <returns>True only when Event Hubs has acknowledged every line.</returns>
    public async Task<bool> TryPublishAsync(
        string projectId, int requestOfSecond, string environment, DateTime receivedAt, ReadOnlyMemory<byte> lines, int count,
        CancellationToken cancellationToken)
    {
        using var timeout = new CancellationTokenSource(options.Value.Timeout, time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(timeout.Token, cancellationToken);
        var encoding = options.Value.Encoding;
        var route = new SendEventOptions { PartitionKey = PartitionKey.Of(projectId, requestOfSecond) };
        try
        {
            foreach (var (body, lineCount) in ChunkPacker.Pack(lines.Span, count, encoding, options.Value.MaxMessageBytes))
            {
                var chunk = new EventChunk(projectId, environment, receivedAt, lineCount, encoding, body.Written);
                await SendAsync(chunk.ToMessage(), route, either.Token);

                // Not when the send failed: the client may still hold the memory for a try that it has given up on.
                body.Dispose();
            }

            return true;
        }
        catch (Exception e) when (!cancellationToken.IsCancellationRequested)
        {
            if (_logging.IsDue())
            {
                log.PublishFailed(e, count, projectId);
            }

            return false;
        }
    }

    private async Task SendAsync(EventData message, SendEventOptions route, CancellationToken cancellationToken)
    {
        using var span = Tracing.StartSend(message);
        var start = time.GetTimestamp();
        var acknowledged = false;
        try
        {
            await producer.SendAsync([message], route, cancellationToken);
            acknowledged = true;
        }
        finally
        {
            metrics.Published(time.GetElapsedTime(start), acknowledged);
        }
    }

    /// <summary>Asks the hub for its properties, for the readiness check.</summary>
    public async Task PingAsync(CancellationToken cancellationToken) => await producer.GetEventHubPropertiesAsync(cancellationToken);
}
