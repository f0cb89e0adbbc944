using System.Runtime.InteropServices;
using Microsoft.Extensions.Hosting;

namespace Microsoft.Azure.Functions.Worker.Hosting;

/// <summary>While the host is stopping, a second Ctrl+C or SIGTERM ends the process without waiting any longer.</summary>
internal sealed class StopAtOnce : IHostedLifecycleService, IDisposable
{
    private readonly List<PosixSignalRegistration> _signals = [];

    public Task StoppingAsync(CancellationToken cancellationToken)
    {
        _signals.Add(PosixSignalRegistration.Create(PosixSignal.SIGINT, signal => Environment.Exit(130)));
        _signals.Add(PosixSignalRegistration.Create(PosixSignal.SIGTERM, signal => Environment.Exit(143)));
        return Task.CompletedTask;
    }

    public Task StartingAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StartAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StartedAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StoppedAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public void Dispose() => _signals.ForEach(signal => signal.Dispose());
}
