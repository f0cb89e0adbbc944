namespace Kixo.Batches;

/// <summary>A batch without its events: who sends, from what, and where in the body the events stand.</summary>
internal sealed record BatchEnvelope
{
    public required string ProjectId { get; init; }

    /// <summary>The plain key: to be hashed for the lookup, and neither logged nor answered.</summary>
    public required string ApiKey { get; init; }

    public required string BundleId { get; init; }

    /// <summary><c>ios</c>, <c>android</c> or <c>web</c>.</summary>
    public required string Platform { get; init; }

    /// <summary><c>production</c>, <c>staging</c> or <c>development</c>.</summary>
    public required string Environment { get; init; }

    /// <summary>The client's clock, in UTC, when it sent the batch.</summary>
    public DateTime? SentAt { get; init; }

    /// <summary>The bytes of the <c>batch</c> array in the body, brackets included.</summary>
    public required Range Events { get; init; }

    public required int EventCount { get; init; }

    /// <summary>Keeps the key out of whatever prints a record.</summary>
    public override string ToString() => $"{ProjectId} {Platform} {BundleId} {Environment}: {EventCount} events";
}
