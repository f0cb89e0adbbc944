using System.Text.Json;
using Microsoft.Extensions.ObjectPool;
using Microsoft.Extensions.Options;

namespace Kixo.Batches;

/// <summary>
/// Validates a batch's events in one pass and writes each accepted one as a line, copying what was sent byte for byte, save what <see cref="JsonText.CopyOnOneLine"/> mends.
/// Safe for many requests at once: each takes its own working set from a pool.
/// </summary>
internal sealed class EventReader(TimeProvider time, IOptions<BatchOptions> options)
{
    private readonly ObjectPool<EventPass> _passes = new DefaultObjectPool<EventPass>(new DefaultPooledObjectPolicy<EventPass>());

    /// <param name="body">The whole body that <paramref name="envelope"/> was read from.</param>
    /// <param name="envelope">The batch's envelope.</param>
    /// <returns>The lines, which the caller disposes; or why the whole batch is refused: not JSON, or not one valid event.</returns>
    public (EventLines? Lines, DateTime ReceivedAt, BatchProblem? Problem) Read(ReadOnlySpan<byte> body, BatchEnvelope envelope)
    {
        var receivedAt = time.GetUtcNow().UtcDateTime;
        var pass = _passes.Get();
        try
        {
            var lines = pass.Run(body[envelope.Events], envelope, receivedAt, options.Value.ClockTolerance);
            if (lines.Accepted > 0)
            {
                return (lines, receivedAt, null);
            }

            lines.Dispose();
            return (null, receivedAt, new(BatchProblem.InvalidBatch, "No event of the batch is valid.", lines.Errors));
        }
        catch (JsonException)
        {
            return (null, receivedAt, JsonText.Malformed(body));
        }
        finally
        {
            _passes.Return(pass);
        }
    }
}
