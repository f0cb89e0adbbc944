namespace Kixo.Tests.Chaos;

/// <summary>What happens to bytes on their way.</summary>
internal enum Fault
{
    /// <summary>An answer comes late.</summary>
    Delay,

    /// <summary>Requests are held back until the storm is over: their sender may have given up, and another may have acted meanwhile.</summary>
    Hold,

    /// <summary>The connection is cut before a request arrives.</summary>
    LoseRequest,

    /// <summary>The connection is cut when the answer comes: what was asked for is done, and nobody is told.</summary>
    LoseAnswer,

    /// <summary>Answers end; requests still arrive.</summary>
    HalfClose,

    /// <summary>An answer comes in drips.</summary>
    Trickle,
}
