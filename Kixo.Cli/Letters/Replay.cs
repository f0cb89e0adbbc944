using System.Net.Sockets;
using System.Runtime.CompilerServices;
using Azure;
using Azure.Messaging.EventHubs;
using Azure.Messaging.EventHubs.Producer;
using Kixo.Cli.Doctor;
using Kixo.Persistence;

namespace Kixo.Cli.Letters;

internal enum ReplayOutcome
{
    /// <summary>The hub has acknowledged it.</summary>
    Replayed,

    /// <summary>It was published before; nothing was done.</summary>
    AlreadyReplayed,

    /// <summary>Somebody set out to publish it, before or right now, and it is not known whether the hub has it; nothing was done.</summary>
    InDoubt,

    /// <summary>It has no body that could be published; nothing was done.</summary>
    NotPossible,

    /// <summary>The hub did not acknowledge it, and it is in doubt now; or storage failed, and its state says whether it is.</summary>
    Failed,
}

/// <param name="Problem">Why it failed.</param>
internal sealed record Replayed(string Id, ReplayOutcome Outcome, string? Problem = null);

/// <summary>Publishes dead letters again, as they came, each once: claimed first, then published, then noted as published.</summary>
internal sealed class Replay(LetterBox letters, EventHubProducerClient producer)
{
    /// <summary>Asks the hub for its properties: where there is none, no letter is to be in doubt for it.</summary>
    /// <exception cref="CliException">It does not answer.</exception>
    public async Task CheckHubAsync(CancellationToken cancellationToken)
    {
        try
        {
            await producer.GetEventHubPropertiesAsync(cancellationToken);
        }
        catch (Exception e) when (IsHubFault(e))
        {
            throw new CliException($"The hub does not answer: {e.Message}");
        }
    }

    /// <summary>One after the other; a letter that cannot be read, or that storage fails for, does not keep back the others.</summary>
    public async IAsyncEnumerable<Replayed> ReplayAsync(
        IEnumerable<string> ids, bool inDoubt, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        foreach (var id in ids)
        {
            cancellationToken.ThrowIfCancellationRequested();
            yield return await TryReplayAsync(id, inDoubt, cancellationToken);
        }
    }

    private async Task<Replayed> TryReplayAsync(string id, bool inDoubt, CancellationToken cancellationToken)
    {
        try
        {
            return await ReplayAsync(id, inDoubt, cancellationToken);
        }
        catch (CliException e)
        {
            return new(id, ReplayOutcome.NotPossible, e.Message);
        }
        catch (Exception e) when (e is RequestFailedException or AggregateException)
        {
            return new(id, ReplayOutcome.Failed, $"The storage did not do it: {Diagnosis.Line(e)} 'kixo dead-letters list' shows whether it is in doubt.");
        }
    }

    /// <param name="inDoubt">Publish it also where it is not known whether somebody has.</param>
    /// <exception cref="CliException">There is no such letter.</exception>
    public async Task<Replayed> ReplayAsync(string id, bool inDoubt, CancellationToken cancellationToken)
    {
        var (view, letter, etag, metadata) = await letters.GetAsync(id, cancellationToken);
        if (view.State == LetterState.Replayed || (view.State == LetterState.InDoubt && !inDoubt))
        {
            return new(id, view.State == LetterState.Replayed ? ReplayOutcome.AlreadyReplayed : ReplayOutcome.InDoubt);
        }

        if (letter.Body is null)
        {
            return new(id, ReplayOutcome.NotPossible, "Its body was no data.");
        }

        EventData message;
        try
        {
            message = letter.ToMessage();
        }
        catch (Exception e) when (e is FormatException or OverflowException)
        {
            return new(id, ReplayOutcome.NotPossible, $"A property is not what it says it is: {e.Message}");
        }

        if (await letters.NoteAsync(id, DeadLetters.ReplayingKey, metadata, etag, cancellationToken) is not { } claim)
        {
            return new(id, ReplayOutcome.InDoubt, "Somebody else is publishing it.");
        }

        try
        {
            await producer.SendAsync([message], new SendEventOptions { PartitionKey = letter.PartitionKey }, cancellationToken);
        }
        catch (Exception e) when (IsHubFault(e))
        {
            return new(id, ReplayOutcome.Failed, e.Message);
        }
        catch (OperationCanceledException)
        {
            return new(id, ReplayOutcome.Failed, "It was stopped before the hub acknowledged it.");
        }

        // The hub has it: that is noted also when somebody wants to stop just now.
        await letters.NoteAsync(id, DeadLetters.ReplayedKey, metadata, claim, CancellationToken.None);
        return new(id, ReplayOutcome.Replayed);
    }

    private static bool IsHubFault(Exception e) => e is EventHubsException or TimeoutException or IOException or SocketException or UnauthorizedAccessException;
}
