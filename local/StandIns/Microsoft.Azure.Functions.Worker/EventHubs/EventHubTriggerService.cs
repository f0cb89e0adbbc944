using Microsoft.Azure.Functions.Worker.Hosting;
using Microsoft.Azure.Functions.Worker.Middleware;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace Microsoft.Azure.Functions.Worker.EventHubs;

/// <summary>Runs the functions with an Event Hubs trigger from when the host has started until it stops.</summary>
internal sealed class EventHubTriggerService : IHostedLifecycleService, IDisposable
{
    private readonly List<EventHubListener> _listeners = [];
    private readonly CancellationTokenSource _stopping = new();
    private Task _running = Task.CompletedTask;

    public EventHubTriggerService(
        IReadOnlyList<HostedFunction> functions, FunctionExecutionDelegate pipeline, EventHubOptions options,
        IConfiguration configuration, IServiceScopeFactory scopes, TimeProvider time, ILoggerFactory loggers)
    {
        foreach (var function in functions)
        {
            if (function.EventHubTrigger is not { } attribute)
            {
                continue;
            }

            var source = new EventHubSource(function.Name, attribute, options, configuration);
            var container = HostStorage.Container(configuration);
            var logger = loggers.CreateLogger($"Function.{function.Name}");
            var trigger = new EventHubTrigger(function, source, options, new BlobCheckpointStore(container, source.StoragePrefix), pipeline, scopes, time, logger);
            _listeners.Add(new EventHubListener(trigger, new BlobOwnershipStore(container, source.StoragePrefix)));
        }
    }

    public Task StartedAsync(CancellationToken cancellationToken)
    {
        _running = Task.WhenAll(_listeners.Select(listener => Task.Run(() => listener.RunAsync(_stopping.Token), CancellationToken.None)));
        return Task.CompletedTask;
    }

    /// <summary>Signals only, so that requests in flight and invocations in flight finish side by side.</summary>
    public Task StoppingAsync(CancellationToken cancellationToken) => _stopping.CancelAsync();

    public Task StopAsync(CancellationToken cancellationToken) => _running.WaitAsync(cancellationToken);

    public Task StartingAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StartAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StoppedAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public void Dispose()
    {
        _listeners.ForEach(listener => listener.Dispose());
        _stopping.Dispose();
    }
}
