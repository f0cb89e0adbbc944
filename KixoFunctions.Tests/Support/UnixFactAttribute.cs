namespace Kixo.Tests.Support;

/// <summary>A test that sends signals: skipped on Windows, which has none.</summary>
[AttributeUsage(AttributeTargets.Method)]
internal sealed class UnixFactAttribute : FactAttribute
{
    public UnixFactAttribute() => Skip = OperatingSystem.IsWindows() ? "It sends SIGTERM, which Windows does not have." : null;
}
