namespace Kixo.Benchmarks.Naive;

/// <summary>A batch as classes, the way a tutorial would have it.</summary>
internal sealed class NaiveBatch
{
    public string? ProjectId { get; set; }

    public string? ApiKey { get; set; }

    public string? BundleId { get; set; }

    public string? Platform { get; set; }

    public string? Environment { get; set; }

    public DateTimeOffset? SentAt { get; set; }

    public List<NaiveEvent>? Batch { get; set; }
}

internal sealed class NaiveEvent
{
    public string? EventId { get; set; }

    public string? EventType { get; set; }

    public string? EventName { get; set; }

    public string? DeviceId { get; set; }

    public string? SessionId { get; set; }

    public DateTimeOffset? Timestamp { get; set; }

    public Dictionary<string, object?>? Properties { get; set; }
}

/// <summary>An event as it is stored: with what the batch says of it.</summary>
internal sealed class NaiveStoredEvent
{
    public required string EventId { get; init; }

    public required string ProjectId { get; init; }

    public required string BundleId { get; init; }

    public required string Platform { get; init; }

    public required string Environment { get; init; }

    public required string EventType { get; init; }

    public required string EventName { get; init; }

    public required string DeviceId { get; init; }

    public required string SessionId { get; init; }

    public required DateTimeOffset Timestamp { get; init; }

    public required DateTimeOffset? SentAt { get; init; }

    public required DateTimeOffset ReceivedAt { get; init; }

    public required Dictionary<string, object?>? Properties { get; init; }
}
