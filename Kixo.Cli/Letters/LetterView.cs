using System.Globalization;
using Azure.Storage.Blobs.Models;
using Kixo.Persistence;

namespace Kixo.Cli.Letters;

internal enum LetterState
{
    /// <summary>Nobody has published it again.</summary>
    Waiting,

    /// <summary>Somebody set out to, and it is not known whether the hub has it.</summary>
    InDoubt,

    /// <summary>The hub has acknowledged it.</summary>
    Replayed,
}

/// <summary>A dead letter as it is listed.</summary>
/// <param name="Id">The name of its blob: <c>&lt;hub&gt;/&lt;partition&gt;/&lt;time&gt;-&lt;sequence&gt;</c>.</param>
/// <param name="ProjectId">Null where the message does not say it.</param>
/// <param name="Bytes">Of the blob: a third more than the message.</param>
/// <param name="ReplayedAt">When it was published again, or when somebody set out to.</param>
internal sealed record LetterView(
    string Id, DateTimeOffset EnqueuedAt, string? ProjectId, string Reason, long Bytes, LetterState State, DateTimeOffset? ReplayedAt)
{
    public static LetterView Of(BlobItem blob) => Of(blob.Name, blob.Metadata, blob.Properties.ContentLength ?? 0);

    public static LetterView Of(string id, IDictionary<string, string> metadata, long bytes)
    {
        var (replayed, replaying) = (Time(DeadLetters.ReplayedKey), Time(DeadLetters.ReplayingKey));
        return new(
            id, Time("enqueued") ?? default, metadata.TryGetValue(DeadLetters.ProjectKey, out var project) ? project : null,
            metadata.TryGetValue("reason", out var reason) ? reason : "", bytes,
            replayed is not null ? LetterState.Replayed : replaying is not null ? LetterState.InDoubt : LetterState.Waiting,
            replayed ?? replaying);

        DateTimeOffset? Time(string key) =>
            metadata.TryGetValue(key, out var text) && DateTimeOffset.TryParse(text, CultureInfo.InvariantCulture, out var time) ? time : null;
    }

    public string StateText => State switch
    {
        LetterState.Waiting => "waiting",
        LetterState.InDoubt => $"in doubt since {ReplayedAt:u}",
        _ => $"replayed {ReplayedAt:u}",
    };
}
