namespace Kixo.Benchmarks.Cost;

/// <summary>List prices in US dollars, and what they are counted in: the one place to edit. Prices differ by region and change; free grants are left out.</summary>
internal static class Prices
{
    // https://azure.microsoft.com/pricing/details/event-hubs/ (Standard)
    public const double ThroughputUnitHour = 0.03;
    public const double MillionMessages = 0.028;
    public const int BilledMessageBytes = 64 * 1024;
    public const int MessagesPerThroughputUnit = 1_000;
    public const double BytesPerThroughputUnit = 1_000_000;
    public const int MaxThroughputUnits = 40;

    // https://azure.microsoft.com/pricing/details/storage/ (tables; blobs hot, LRS)
    public const double TenThousandTableOperations = 0.00036;
    public const double TenThousandBlobWrites = 0.055;

    // https://azure.microsoft.com/pricing/details/functions/ (Flex Consumption, on demand)
    public const double GigabyteSecond = 0.000026;
    public const double MillionExecutions = 0.40;
    public const double InstanceGigabytes = 2;
    public const double LeastBilledSeconds = 1;
    public const int RequestsAtOncePerInstance = 16;

    public const double HoursAMonth = 730;
    public const double SecondsAMonth = HoursAMonth * 3600;
}
