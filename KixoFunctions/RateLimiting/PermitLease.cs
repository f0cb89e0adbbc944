using System.Diagnostics.CodeAnalysis;
using System.Threading.RateLimiting;

namespace Kixo.RateLimiting;

/// <summary>A <see cref="RateLimiting.Permit"/> as .NET's rate limiters hand it out. There is nothing to give back.</summary>
internal sealed class PermitLease(Permit permit) : RateLimitLease
{
    public Permit Permit => permit;

    public override bool IsAcquired => permit.Granted;

    public override IEnumerable<string> MetadataNames => permit.Granted ? [] : [MetadataName.RetryAfter.Name];

    public override bool TryGetMetadata(string metadataName, [NotNullWhen(true)] out object? metadata)
    {
        metadata = !permit.Granted && metadataName == MetadataName.RetryAfter.Name ? permit.UntilNextWindow : null;
        return metadata is not null;
    }
}
