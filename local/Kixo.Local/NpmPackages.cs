using System.ComponentModel;
using System.Diagnostics;
using System.Text.Json;

namespace Kixo.Local;

/// <summary>The packages of a folder with package.json and package-lock.json.</summary>
/// <param name="folder">The folder.</param>
/// <param name="neededBy">What needs them, for the message when Node.js is missing.</param>
internal sealed class NpmPackages(string folder, string neededBy)
{
    private static readonly TimeSpan LockInterval = TimeSpan.FromMilliseconds(200);

    /// <summary>Installs them as the lock file says, when that has not been done; one process and thread at a time.</summary>
    /// <param name="begins">Called before it begins.</param>
    /// <exception cref="LocalException">There is no Node.js, or npm failed.</exception>
    public async Task InstallAsync(Action begins, CancellationToken cancellationToken)
    {
        if (AreInstalled())
        {
            return;
        }

        await using var alone = await LockAsync(cancellationToken);
        if (AreInstalled())
        {
            return;
        }

        begins();
        var npm = OperatingSystem.IsWindows() ? "npm.cmd" : "npm";
        var start = new ProcessStartInfo(npm, ["ci", "--no-fund", "--no-audit", "--loglevel", "error"]) { WorkingDirectory = folder, RedirectStandardError = true };
        try
        {
            using var install = Process.Start(start)!;
            await using var cancelled = cancellationToken.Register(() => install.Kill(entireProcessTree: true));
            var errors = await install.StandardError.ReadToEndAsync(cancellationToken);
            await install.WaitForExitAsync(cancellationToken);
            if (install.ExitCode != 0 || !AreInstalled())
            {
                throw new LocalException($"npm ci failed in {folder}; run it there by hand to see more. It said: {errors.Trim()}");
            }
        }
        catch (Win32Exception)
        {
            throw NodeMissing("npm");
        }
    }

    public LocalException NodeMissing(string program) => new(
        $"Node.js is needed to run {neededBy}, and '{program}' is not on the PATH. Install Node.js 20 or newer (https://nodejs.org), then run this again.");

    private async Task<FileStream> LockAsync(CancellationToken cancellationToken)
    {
        var file = Path.Combine(folder, "npm-ci.lock");
        while (true)
        {
            try
            {
                return new(file, FileMode.OpenOrCreate, FileAccess.Write, FileShare.None, bufferSize: 0, FileOptions.DeleteOnClose);
            }
            catch (IOException) when (Directory.Exists(folder))
            {
                await Task.Delay(LockInterval, TimeProvider.System, cancellationToken); // somebody else installs them
            }
        }
    }

    // Installed is what package.json says, not only something of that name.
    private bool AreInstalled()
    {
        // npm writes it last.
        if (!File.Exists(Path.Combine(folder, "node_modules", ".package-lock.json")))
        {
            return false;
        }

        using var wanted = Read(folder);
        return wanted!.RootElement.GetProperty("dependencies").EnumerateObject().All(package =>
        {
            using var installed = Read(Path.Combine(folder, "node_modules", package.Name));
            return installed?.RootElement.GetProperty("version").GetString() == package.Value.GetString();
        });
    }

    private static JsonDocument? Read(string folder)
    {
        var file = Path.Combine(folder, "package.json");
        return File.Exists(file) ? JsonDocument.Parse(File.ReadAllBytes(file)) : null;
    }
}
