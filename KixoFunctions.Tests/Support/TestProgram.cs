using System.Diagnostics;
using System.Reflection;
using System.Runtime.InteropServices;
using System.Text;
using Kixo.Local;

namespace Kixo.Tests.Support;

/// <summary>One of the project's programs, run in a folder, with all that it says.</summary>
internal sealed partial class TestProgram : IAsyncDisposable
{
    private const int Sigterm = 15;

    // What it waits for itself, one thing after the other, has a minute each.
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(3);

    private readonly Process _process;
    private readonly StringBuilder _output = new();

    private TestProgram(Process process)
    {
        _process = process;
        process.OutputDataReceived += (_, line) => Add(line.Data);
        process.ErrorDataReceived += (_, line) => Add(line.Data);
        process.BeginOutputReadLine();
        process.BeginErrorReadLine();
    }

    public int ExitCode => _process.ExitCode;

    /// <summary>Bytes of memory that it holds.</summary>
    public long Memory
    {
        get
        {
            _process.Refresh();
            return _process.WorkingSet64;
        }
    }

    public string Output
    {
        get
        {
            lock (_output)
            {
                return _output.ToString();
            }
        }
    }

    /// <param name="program">Its assembly.</param>
    /// <param name="folder">Where it runs.</param>
    /// <param name="arguments">Its arguments.</param>
    /// <param name="path">Its PATH; null for this process's own.</param>
    public static TestProgram Start(Assembly program, string folder, string[] arguments, string? path = null)
    {
        var start = new ProcessStartInfo(Dotnet.Path, [program.Location, .. arguments])
        {
            WorkingDirectory = folder,
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        if (path is not null)
        {
            start.Environment["PATH"] = path;
        }

        return new TestProgram(Process.Start(start)!);
    }

    public Task SaidAsync(string text) => TestStack.EventuallyAsync(
        () => _process.HasExited ? throw new InvalidOperationException($"It has ended. It said: {Output}") : Task.FromResult(Output.Contains(text, StringComparison.Ordinal)),
        () => $"'{text}'; so far it said: {Output}",
        Patience);

    /// <summary>Asks it to stop, as a service manager does, and waits until it has.</summary>
    public async Task TerminateAsync()
    {
        Terminate(_process.Id);
        await EndedAsync();
    }

    /// <summary>Asks a process to stop, and does not wait.</summary>
    public static void Terminate(int processId) => _ = Kill(processId, Sigterm);

    public async Task KillAsync()
    {
        _process.Kill(entireProcessTree: false);
        await EndedAsync();
    }

    public async Task EndedAsync(TimeSpan? patience = null) =>
        await _process.WaitForExitAsync(CancellationToken.None).WaitAsync(patience ?? Patience, TimeProvider.System);

    public async ValueTask DisposeAsync()
    {
        if (!_process.HasExited)
        {
            await KillAsync();
        }

        _process.Dispose();
    }

    [LibraryImport("libc", EntryPoint = "kill")]
    private static partial int Kill(int processId, int signal);

    private void Add(string? line)
    {
        lock (_output)
        {
            _output.AppendLine(line);
        }
    }
}
