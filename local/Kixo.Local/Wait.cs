namespace Kixo.Local;

/// <summary>Waits for a process to be ready.</summary>
internal static class Wait
{
    private static readonly TimeSpan Interval = TimeSpan.FromMilliseconds(100);

    /// <param name="what">What is waited for, for the message.</param>
    /// <param name="process">The process that must stay alive meanwhile.</param>
    /// <param name="timeout">How long at most.</param>
    /// <param name="isReady">True when it is; an exception counts as not yet.</param>
    /// <exception cref="LocalException">The process has ended, or time is up.</exception>
    public static async Task UntilAsync(
        string what, ChildProcess process, TimeSpan timeout, Func<CancellationToken, Task<bool>> isReady, CancellationToken cancellationToken)
    {
        var time = TimeProvider.System;
        var start = time.GetTimestamp();
        while (time.GetElapsedTime(start) < timeout)
        {
            if (process.Exited.IsCompleted)
            {
                throw new LocalException($"{what} ended while starting. It said:{Environment.NewLine}{process.LastLines}");
            }

            try
            {
                if (await isReady(cancellationToken))
                {
                    return;
                }
            }
            catch (Exception) when (!cancellationToken.IsCancellationRequested)
            {
                // Not yet.
            }

            await Task.Delay(Interval, time, cancellationToken);
        }

        throw new LocalException($"{what} was not ready after {timeout.TotalSeconds} seconds. It said:{Environment.NewLine}{process.LastLines}");
    }
}
