namespace Kixo.Batches;

/// <summary>The bounds of the Batch API, as documented for SDK authors.</summary>
internal static class BatchLimits
{
    /// <summary>Bytes of a request body after decompression.</summary>
    public const int MaxBodyBytes = 4 * 1024 * 1024;

    /// <summary>Events of one batch.</summary>
    public const int MaxEvents = 1_000;

    /// <summary>Bytes of one event as sent.</summary>
    public const int MaxEventBytes = 64 * 1024;

    /// <summary>Nesting of the whole body; the envelope is 1, <c>batch</c> 2, an event 3, its <c>properties</c> 4.</summary>
    public const int MaxDepth = 32;

    /// <summary>Characters (Unicode code points) of an id or a type.</summary>
    public const int MaxIdLength = 256;

    /// <summary>Characters (Unicode code points) of <c>event_name</c>, which for the web is often a URL path.</summary>
    public const int MaxNameLength = 2_048;

    /// <summary>Characters of an <c>event_id</c> that the client chose.</summary>
    public const int MaxEventIdLength = 64;

    /// <summary>Entries in the <c>errors</c> of one answer; <c>rejected</c> counts all.</summary>
    public const int MaxReportedErrors = 100;
}
