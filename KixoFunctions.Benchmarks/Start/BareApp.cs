using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;

namespace Kixo.Benchmarks.Start;

/// <summary>What a start costs in any case: Kestrel, and one endpoint.</summary>
internal static class BareApp
{
    public const string Command = "bare";

    public static async Task RunAsync()
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        await using var app = builder.Build();
        app.MapGet("/health/live", () => Results.Ok());
        await app.RunAsync();
    }
}
