namespace Kixo.Benchmarks.Cost;

/// <summary>What a way of building the pipeline needs for its traffic.</summary>
/// <param name="Name">What it is called.</param>
/// <param name="EventsAMessage">Events of one message in the hub, of a batch of that many.</param>
/// <param name="BytesAnEvent">On the wire to the hub.</param>
/// <param name="TableOperations">A second, of one project with that many requests a second.</param>
/// <param name="Shards">Partition keys of one project with that many requests a second.</param>
/// <param name="GathersSeconds">How long messages are gathered before they are written to the lake.</param>
/// <param name="BlobWrites">Each time, for each project among them.</param>
/// <param name="MicrosecondsAnEvent">Of a core, both functions together.</param>
internal sealed record Design(
    string Name, Func<int, int> EventsAMessage, double BytesAnEvent, Func<double, double> TableOperations, Func<double, double> Shards,
    double GathersSeconds, int BlobWrites, double MicrosecondsAnEvent)
{
    // What one write to the lake takes: messages that come meanwhile go together in the next.
    private const double WriteSeconds = 0.05;

    /// <summary>
    /// This app. Permits are leased, about five times a second however many requests come; keys are looked up every 30 s; a block
    /// and its list are two writes.
    /// </summary>
    public static readonly Design Kixo = new(
        "Kixo", events => events, BytesAnEvent: 77, requests => Math.Min(requests, 5) + (2.0 / 30), requests => Math.Ceiling(requests / 5),
        GathersSeconds: 5, BlobWrites: 2, MicrosecondsAnEvent: 3); // as long as maxWaitTime in host.json says

    /// <summary>With <c>minEventBatchSize</c> 1 in host.json.</summary>
    public static readonly Design KixoAtOnce = Kixo with { Name = "Kixo, writing at once", GathersSeconds = WriteSeconds };

    /// <summary>The usual tutorial: a message of JSON an event; for each request the key is read, and the counter read and written.</summary>
    public static readonly Design Naive = new(
        "naive", _ => 1, BytesAnEvent: 565, requests => requests * 3, _ => 1, WriteSeconds, BlobWrites: 1, MicrosecondsAnEvent: 15);
}
