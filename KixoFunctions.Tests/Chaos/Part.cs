using System.Runtime.InteropServices;
using Kixo.Local;

namespace Kixo.Tests.Chaos;

/// <summary>One of the stack's processes: killed and started again, or frozen for a while, each as if it had happened in the machine room.</summary>
/// <param name="kind">What it is called in the figures; parts of one kind are counted together.</param>
/// <param name="start">Starts it, on the data it had; it is ready then.</param>
internal sealed partial class Part(string kind, Func<Task<(ChildProcess Process, IAsyncDisposable Owner)>> start) : IAsyncDisposable
{
    private const int Attempts = 3;

    // Of Linux.
    private const int Sigcont = 18;
    private const int Sigstop = 19;

    private readonly SemaphoreSlim _one = new(1);
    private (ChildProcess Process, IAsyncDisposable Owner)? _running;

    public string Kind => kind;

    public int Kills { get; private set; }

    public int Freezes { get; private set; }

    /// <summary>Bytes of memory it holds.</summary>
    public long Memory
    {
        get
        {
            using var process = System.Diagnostics.Process.GetProcessById(_running!.Value.Process.Id);
            return process.WorkingSet64;
        }
    }

    public async Task StartAsync()
    {
        for (var attempt = 1; _running is null; attempt++)
        {
            try
            {
                _running = await start();
            }
            catch (LocalException) when (attempt < Attempts)
            {
                // Its port was taken meanwhile, or too much else was broken for it to become ready.
            }
        }
    }

    /// <summary>Kills it with SIGKILL and starts it again; nothing, when that or a freeze is under way already.</summary>
    public Task KillAsync(TimeSpan down) => AloneAsync(async () =>
    {
        Kills++;
        await EndAsync();
        await Task.Delay(down, TimeProvider.System, CancellationToken.None);
        await StartAsync();
    });

    /// <summary>Stops it with SIGSTOP and lets it go on, as a virtual machine that is moved: it does not know that time has passed.</summary>
    public Task FreezeAsync(TimeSpan time) => AloneAsync(async () =>
    {
        if (!OperatingSystem.IsLinux())
        {
            return;
        }

        Freezes++;
        _ = Signal(_running!.Value.Process.Id, Sigstop);
        try
        {
            await Task.Delay(time, TimeProvider.System, CancellationToken.None);
        }
        finally
        {
            _ = Signal(_running.Value.Process.Id, Sigcont);
        }
    });

    public async ValueTask DisposeAsync()
    {
        if (_running is not null)
        {
            await EndAsync();
        }

        _one.Dispose();
    }

    [LibraryImport("libc", EntryPoint = "kill")]
    private static partial int Signal(int processId, int signal);

    private async Task EndAsync()
    {
        var (process, owner) = _running!.Value;
        _running = null;
        await process.KillAsync();
        await owner.DisposeAsync();
    }

    private async Task AloneAsync(Func<Task> action)
    {
        if (!await _one.WaitAsync(0))
        {
            return;
        }

        try
        {
            await action();
        }
        finally
        {
            _one.Release();
        }
    }
}
