namespace Kixo.Benchmarks.Cost;

/// <summary>A month of steady traffic: what it uses, and what that costs. Pure arithmetic over <see cref="Prices"/>.</summary>
/// <param name="Design">How the pipeline is built.</param>
/// <param name="EventsASecond">All projects together.</param>
internal sealed record Month(Design Design, double EventsASecond)
{
    public const int EventsARequest = 100;
    public const int RequestsASecondOfAProject = 100;
    public const int Partitions = 16;

    // maxEventBatchSize in host.json.
    private const int MessagesAFlush = 64;

    // From the first byte of a request to the hub's acknowledgement, for the number of requests at once.
    private const double RequestSeconds = 0.03;

    // The Event Hubs trigger renews what it owns, partition by partition.
    private const double OwnershipSeconds = 30;

    private double RequestsASecond => EventsASecond / EventsARequest;

    private double Projects => Math.Max(1, RequestsASecond / RequestsASecondOfAProject);

    private double MessagesASecond => EventsASecond / Design.EventsAMessage(EventsARequest);

    private double BytesAMessage => Design.EventsAMessage(EventsARequest) * Design.BytesAnEvent;

    // Those of one request come together.
    private double FlushesASecond => Math.Max(
        Math.Min(RequestsASecond, Math.Min(Partitions, Projects * ShardsOfAProject) / Design.GathersSeconds), MessagesASecond / MessagesAFlush);

    private double ShardsOfAProject => Design.Shards(RequestsASecond / Projects);

    private double ProjectsAFlush => Math.Max(1, Math.Min(Projects * ShardsOfAProject / Partitions, RequestsASecond / FlushesASecond));

    public double ThroughputUnits => Math.Max(1, Math.Ceiling(Math.Max(
        MessagesASecond / Prices.MessagesPerThroughputUnit, EventsASecond * Design.BytesAnEvent / Prices.BytesPerThroughputUnit)));

    public double Messages => MessagesASecond * Math.Ceiling(BytesAMessage / Prices.BilledMessageBytes) * Prices.SecondsAMonth;

    public double TableOperations => Design.TableOperations(RequestsASecond / Projects) * Projects * Prices.SecondsAMonth;

    /// <summary>Of the lake, for each project in a flush; a checkpoint each time; and what the trigger writes in any case.</summary>
    public double BlobOperations =>
        ((FlushesASecond * ((Design.BlobWrites * ProjectsAFlush) + 1)) + (Partitions / OwnershipSeconds)) * Prices.SecondsAMonth;

    /// <summary>The requests and the trigger scale apart: each has instances of its own.</summary>
    public double GigabyteSeconds => Prices.InstanceGigabytes * Prices.SecondsAMonth *
        (Instances(RequestsASecond, RequestsASecond * RequestSeconds / Prices.RequestsAtOncePerInstance) + Instances(FlushesASecond, 0));

    public double Dollars =>
        (ThroughputUnits * Prices.ThroughputUnitHour * Prices.HoursAMonth)
        + (Messages / 1e6 * Prices.MillionMessages)
        + (TableOperations / 1e4 * Prices.TenThousandTableOperations)
        + (BlobOperations / 1e4 * Prices.TenThousandBlobWrites)
        + (GigabyteSeconds * Prices.GigabyteSecond)
        + ((RequestsASecond + FlushesASecond) * Prices.SecondsAMonth / 1e6 * Prices.MillionExecutions);

    public double DollarsAMillionEvents => Dollars / (EventsASecond * Prices.SecondsAMonth / 1e6);

    /// <summary>How many are busy on average. Each time one is woken costs a second at least, so that a call a second keeps one busy.</summary>
    private double Instances(double callsASecond, double atOnce) => Math.Max(
        Math.Min(1, callsASecond * Prices.LeastBilledSeconds),
        Math.Max(atOnce, EventsASecond * Design.MicrosecondsAnEvent / 1e6));
}
