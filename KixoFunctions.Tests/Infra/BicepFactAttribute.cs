namespace Kixo.Tests.Infra;

/// <summary>A test that needs the Bicep compiler: skipped on machines whose kind the package feed has none for.</summary>
[AttributeUsage(AttributeTargets.Method)]
internal sealed class BicepFactAttribute : FactAttribute
{
    public BicepFactAttribute()
    {
        if (!BicepCompiler.IsRestored)
        {
            Skip = "The Bicep compiler is restored from the package feed on Linux x64 only; this is another machine.";
        }
    }
}
