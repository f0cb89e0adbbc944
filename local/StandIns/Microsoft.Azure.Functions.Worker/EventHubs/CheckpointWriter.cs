using Azure.Messaging.EventHubs;
using Microsoft.Azure.Functions.Worker.Hosting;

namespace Microsoft.Azure.Functions.Worker.EventHubs;

/// <summary>
/// Keeps the checkpoint of one partition. One that cannot be written is not tried again by itself: the next one says more.
/// Used by its partition's pump only, one call at a time.
/// </summary>
internal sealed class CheckpointWriter(ICheckpointStore store, string partitionId, int frequency, Outage outage)
{
    private Checkpoint? _pending;
    private int _batches;

    /// <summary>The last batch that is done with, written or not: where reading goes on after a fault.</summary>
    public Checkpoint? Latest { get; private set; }

    public async Task<Checkpoint?> ReadAsync(CancellationToken cancellationToken) =>
        Latest ??= await store.ReadAsync(partitionId, cancellationToken);

    public async Task AfterAsync(EventData[] batch, BatchOutcome outcome)
    {
        if (outcome == BatchOutcome.Abandoned)
        {
            return;
        }

        Latest = _pending = Checkpoint.After(batch[^1]);
        if (++_batches >= frequency)
        {
            await FlushAsync();
        }
    }

    /// <summary>Writes what <see cref="AfterAsync"/> held back or could not write.</summary>
    public async Task FlushAsync()
    {
        if (_pending is not { } checkpoint)
        {
            return;
        }

        try
        {
            // Not cancelled when the host stops: the batch is done with. The store's own time-outs bound it.
            await store.WriteAsync(partitionId, checkpoint, CancellationToken.None);
            _pending = null;
            _batches = 0;
            outage.Over();
        }
        catch (Exception exception)
        {
            outage.Report(exception);
        }
    }
}
