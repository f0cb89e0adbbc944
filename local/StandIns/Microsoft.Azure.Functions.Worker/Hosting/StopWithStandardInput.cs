using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace Microsoft.Azure.Functions.Worker.Hosting;

/// <summary>Stops the host when its standard input ends, so that a parent process that dies leaves no orphan.</summary>
internal sealed class StopWithStandardInput(IConfiguration configuration, IHostApplicationLifetime lifetime, ILogger<StopWithStandardInput> logger) : IHostedService
{
    /// <summary>Asks for this; the parent then has to hold the host's standard input open. For parents that start the host, not for people.</summary>
    public const string Setting = "KIXO_STANDIN_STOP_WITH_STDIN";

    public Task StartAsync(CancellationToken cancellationToken)
    {
        if (string.Equals(configuration[Setting], "true", StringComparison.OrdinalIgnoreCase))
        {
            // A thread of its own: reads of standard input block and cannot be cancelled.
            new Thread(WaitForEnd) { IsBackground = true, Name = Setting }.Start();
        }

        return Task.CompletedTask;
    }

    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    private void WaitForEnd()
    {
        using var input = Console.OpenStandardInput();
        Span<byte> ignored = stackalloc byte[256];
        while (input.Read(ignored) > 0)
        {
        }

        Log.StandardInputEnded(logger);
        lifetime.StopApplication();
    }
}
