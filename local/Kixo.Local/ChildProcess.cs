using System.Collections.Concurrent;
using System.ComponentModel;
using System.Diagnostics;

namespace Kixo.Local;

/// <summary>
/// A process that ends with this one. Its standard input is a pipe from here: it stops when that ends, be it by
/// <see cref="DisposeAsync"/> or because this process has died.
/// </summary>
internal sealed class ChildProcess : IAsyncDisposable
{
    private const int KeptLines = 20;

    // The app takes up to 30 s to answer and append what it has begun.
    private static readonly TimeSpan StopTimeout = TimeSpan.FromSeconds(35);

    private readonly Process _process;
    private readonly StreamWriter _log;
    private readonly ConcurrentQueue<string> _lastLines = new();
    private bool _stopping;

    private ChildProcess(string name, Process process, StreamWriter log)
    {
        (Name, _process, _log) = (name, process, log);
        Exited = WatchAsync();
    }

    public string Name { get; }

    public int Id => _process.Id;

    /// <summary>Ends when the process has ended, for whatever reason.</summary>
    public Task Exited { get; }

    /// <summary>Of a process that has ended.</summary>
    public int ExitCode => _process.ExitCode;

    /// <summary>The last lines that it wrote, for a report of why it ended.</summary>
    public string LastLines => string.Join(Environment.NewLine, _lastLines);

    /// <param name="name">What people call it.</param>
    /// <param name="fileName">The program; from PATH when it is no path.</param>
    /// <param name="logFile">Where its output goes.</param>
    /// <param name="arguments">Its arguments.</param>
    /// <param name="environment">Environment variables beyond this process's own.</param>
    /// <exception cref="Win32Exception">There is no such program.</exception>
    public static ChildProcess Start(
        string name, string fileName, string logFile, IEnumerable<string> arguments, IReadOnlyDictionary<string, string>? environment = null)
    {
        var start = new ProcessStartInfo(fileName, arguments)
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        foreach (var (key, value) in environment ?? new Dictionary<string, string>())
        {
            start.Environment[key] = value;
        }

        var log = new StreamWriter(logFile, append: false) { AutoFlush = true };
        try
        {
            return new ChildProcess(name, Process.Start(start)!, log);
        }
        catch
        {
            log.Dispose();
            throw;
        }
    }

    /// <summary>Ends it at once, as a crash would.</summary>
    public async Task KillAsync()
    {
        _process.Kill(entireProcessTree: true);
        await Exited;
    }

    public async ValueTask DisposeAsync()
    {
        if (_stopping)
        {
            return;
        }

        _stopping = true;
        try
        {
            _process.StandardInput.Close();
        }
        catch (IOException)
        {
            // It has ended already.
        }

        try
        {
            await Exited.WaitAsync(StopTimeout, TimeProvider.System);
        }
        catch (TimeoutException)
        {
            await KillAsync();
        }

        _process.Dispose();
        await _log.DisposeAsync();
    }

    private async Task WatchAsync()
    {
        await Task.WhenAll(CopyAsync(_process.StandardOutput), CopyAsync(_process.StandardError));
        await _process.WaitForExitAsync(CancellationToken.None);
    }

    private async Task CopyAsync(StreamReader output)
    {
        while (await output.ReadLineAsync(CancellationToken.None) is { } line)
        {
            _lastLines.Enqueue(line);
            if (_lastLines.Count > KeptLines)
            {
                _lastLines.TryDequeue(out _);
            }

            lock (_log)
            {
                _log.WriteLine(line);
            }
        }
    }
}
