using Microsoft.Extensions.Internal;

namespace Kixo.Tests.Keys;

/// <summary>Lets a memory cache go by a test's time.</summary>
internal sealed class CacheClock(TimeProvider time) : ISystemClock
{
    public DateTimeOffset UtcNow => time.GetUtcNow();
}
