using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.Logging;

namespace Kixo.Benchmarks.Start;

/// <summary>What a start costs in any case: Kestrel, and one endpoint.</summary>
internal static class BareApp
{
    public const string Command = "bare";

    public static async Task RunAsync()
    {
        // Where there is little to watch for changes: in the current folder it would watch all that lies there.
        var builder = WebApplication.CreateSlimBuilder(new WebApplicationOptions { ContentRootPath = AppContext.BaseDirectory });
        builder.Logging.ClearProviders();
        await using var app = builder.Build();
        app.MapGet("/health/live", _ => Task.CompletedTask); // no parameters to bind: that would compile expressions
        await app.RunAsync();
    }
}
